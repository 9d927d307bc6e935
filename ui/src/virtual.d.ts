declare module "virtual:catalogue/*" {
  const catalogue: Record<string, Record<string, string>>;
  export default catalogue;
}

/** Names the shape of what perpetua tells, made when the page is built. */
declare const __SCHEMA__: string;
