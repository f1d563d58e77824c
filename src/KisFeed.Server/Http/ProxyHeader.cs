using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace KisFeed.Server.Http;

/// <summary>The header of HAProxy's PROXY protocol, versions 1 and 2. It contains the client's address as the proxy saw it.</summary>
internal static class ProxyHeader
{
    private const int MaxTextLength = 107;
    private const int BinaryHead = 16;
    private const int MaxBinaryBody = 4096; // Addresses and optional extensions.
    private const byte InternetV4 = 0x10;
    private const byte InternetV6 = 0x20;
    private const byte FamilyBits = 0xF0;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">The bytes received so far.</param>
    /// <param name="length">The length of the header.</param>
    /// <param name="client">The client's address, or <see langword="null"/> if the connection is the proxy's
    /// own or the client is unknown.</param>
    /// <returns><see langword="false"/> if more bytes are needed.</returns>
    /// <exception cref="FormatException">The bytes are not a valid header.</exception>
    public static bool TryRead(in ReadOnlySequence<byte> bytes, out int length, out IPEndPoint? client)
    {
        var most = (int)Math.Min(bytes.Length, BinaryHead + MaxBinaryBody);
        var head = bytes.Slice(0, most).ToArray().AsSpan();
        var compared = Math.Min(head.Length, Signature.Length);
        if (head[..compared].SequenceEqual(Signature[..compared]))
            return TryReadBinary(head, out length, out client);
        return TryReadText(head, out length, out client);
    }

    // PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n
    private static bool TryReadText(ReadOnlySpan<byte> head, out int length, out IPEndPoint? client)
    {
        (length, client) = (0, null);
        var end = head[..Math.Min(head.Length, MaxTextLength)].IndexOf("\r\n"u8);
        if (end < 0)
            return head.Length < MaxTextLength && (head.StartsWith("PROXY "u8) || "PROXY "u8.StartsWith(head)) ? false : throw Malformed();
        length = end + 2;
        var words = Encoding.ASCII.GetString(head[..end]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..])
            return true;
        if (words is not ["PROXY", "TCP4" or "TCP6", var source, _, var port, _]
            || !IPAddress.TryParse(source, out var address)
            || !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw Malformed();
        }

        client = new IPEndPoint(address, number);
        return true;
    }

    // signature ; version and command ; family and protocol ; length of the rest ; source, destination, their ports
    private static bool TryReadBinary(ReadOnlySpan<byte> head, out int length, out IPEndPoint? client)
    {
        (length, client) = (0, null);
        if (head.Length < BinaryHead)
            return false;
        var body = BinaryPrimitives.ReadUInt16BigEndian(head[14..]);
        if (head[12] is not (0x20 or 0x21) || body > MaxBinaryBody)
            throw Malformed();
        if (head.Length < BinaryHead + body)
            return false;
        length = BinaryHead + body;
        if (head[12] == 0x20)
            return true; // The proxy's own health check.
        var addressBytes = (head[13] & FamilyBits) switch { InternetV4 => 4, InternetV6 => 16, _ => 0 };
        if (addressBytes == 0)
            return true;
        if (body < (addressBytes * 2) + 4)
            throw Malformed();
        var addresses = head[BinaryHead..];
        client = new IPEndPoint(
            new IPAddress(addresses[..addressBytes]), BinaryPrimitives.ReadUInt16BigEndian(addresses[(addressBytes * 2)..]));
        return true;
    }

    private static FormatException Malformed() => new("not a valid PROXY protocol header");
}
