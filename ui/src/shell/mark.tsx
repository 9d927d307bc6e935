/** The mark of perpetua, and its name, which is the same in every language. */

export const NAME = "perpetua";

export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg aria-hidden width={size} height={size} viewBox="12 12 232 232">
      <rect x="12" y="12" width="232" height="232" rx="56" fill="#222B52" />
      <path
        d="M76 201V107A52 52 0 1 1 113.67 156.99"
        fill="none"
        stroke="#F6F5F2"
        strokeWidth="25"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="128" cy="107" r="18.5" fill="#5ECF97" />
    </svg>
  );
}
