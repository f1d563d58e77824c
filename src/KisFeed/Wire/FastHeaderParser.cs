using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KisFeed.Wire;

/// <summary>
/// Parses the usual header of the broker's frames with one vector comparison: a TR ID of eight digits and capital letters, a count of three
/// digits. Other forms are left to <see cref="DataFrame.TryParseAny"/>, which also reports errors.
/// </summary>
internal static class FastHeaderParser
{
    public const int TrIdEnd = 10;

    public const int Length = 15;

    private const int CountOffset = TrIdEnd + 1;

    // For each byte, the first allowed value and the number of further values, once for digits in the TR ID and once for capitals. The byte
    // after the header may have any value.
    private static Vector128<byte> First => Vector128.Create("0|00000000|000|\0"u8);

    private static Vector128<byte> More => Vector128.Create((byte)1, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 9, 9, 9, 0, 255);

    private static Vector128<byte> FirstCapital => Vector128.Create("0|AAAAAAAA|000|\0"u8);

    private static Vector128<byte> MoreCapitals => Vector128.Create((byte)1, 0, 25, 25, 25, 25, 25, 25, 25, 25, 0, 9, 9, 9, 0, 255);

    /// <summary>Reads the count. Returns <see langword="false"/> if the frame does not begin with a usual header.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        if (bytes.Length < Vector128<byte>.Count)
            return false;
        var text = Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(bytes));
        var isRight = Vector128.LessThanOrEqual(text - First, More) | Vector128.LessThanOrEqual(text - FirstCapital, MoreCapitals);
        if (isRight != Vector128<byte>.AllBitsSet)
            return false;
        count = (bytes[CountOffset] * 100) + (bytes[CountOffset + 1] * 10) + bytes[CountOffset + 2] - ('0' * 111);
        return count > 0;
    }
}
