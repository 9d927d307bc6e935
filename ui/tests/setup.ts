/** Most tests have a page; one of a platform alone has none. */
if (typeof window !== "undefined") await import("./setup-dom");

export {};
