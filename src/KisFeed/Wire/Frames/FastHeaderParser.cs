using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KisFeed.Wire;

/// <summary>
/// The head of a frame as the broker writes it: a TR ID of eight digits and capitals, a count of three digits. It is told at one look; whatever has another form
/// is left to <see cref="DataFrame.TryParseAny"/>, which also says what is wrong.
/// </summary>
internal static class FastHeaderParser
{
    /// <summary>Where the TR ID ends.</summary>
    public const int TrIdEnd = 10;

    /// <summary>Where the payload begins.</summary>
    public const int Length = 15;

    private const int CountOffset = TrIdEnd + 1;

    // For each byte the first that may stand there and how many more may, once with digits in the TR ID and once with capitals. The byte behind the head may be any.
    private static Vector128<byte> First => Vector128.Create("0|00000000|000|\0"u8);

    private static Vector128<byte> More => Vector128.Create((byte)1, 0, 9, 9, 9, 9, 9, 9, 9, 9, 0, 9, 9, 9, 0, 255);

    private static Vector128<byte> FirstCapital => Vector128.Create("0|AAAAAAAA|000|\0"u8);

    private static Vector128<byte> MoreCapitals => Vector128.Create((byte)1, 0, 25, 25, 25, 25, 25, 25, 25, 25, 0, 9, 9, 9, 0, 255);

    /// <summary>The count, if a frame begins like this; else <see langword="false"/>.</summary>
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
