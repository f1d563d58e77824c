namespace KisFeed.Capture;

/// <summary>
/// A gzip member of our own that is put behind others before they are unpacked. The framework's reader takes packed text that is cut off for text that ends, without a look at its checksum; and damage
/// can let it read the checksum itself as packed text, up to where the bytes end. The text of this member comes only where everything before it was whole.
/// </summary>
internal static class EndMember
{
    /// <summary>
    /// The member: <see cref="Text"/> as it is, not packed, so that bytes of it that are taken for more packed text do not give it.
    /// </summary>
    public static ReadOnlySpan<byte> Bytes =>
    [
        0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0xff,
        0x01, 0x10, 0, 0xef, 0xff,
        0x3e, 0x4b, 0x7a, 0x26, 0xa1, 0x34, 0x9d, 0xc1, 0x00, 0xc7, 0x61, 0xdf, 0x6f, 0xf8, 0x43, 0x37,
        0x55, 0xe5, 0x28, 0x98, 0x10, 0, 0, 0,
    ];

    /// <summary>What it holds: bytes that mean nothing and stand in no capture, which is UTF-8.</summary>
    public static ReadOnlySpan<byte> Text => Bytes.Slice(15, 16);
}
