/*
 * Windows 10 has a DLL of this name whose one export fills a buffer with random bytes. Rust's
 * standard library calls it; Wine 8 does not have it. This one asks the older generator, which
 * Wine does have.
 */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length)
{
    return RtlGenRandom(bytes, (ULONG)length);
}
