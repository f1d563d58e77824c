using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using KisFeed.Server.Http;
using Microsoft.AspNetCore.Connections;

namespace KisFeed.Server.Tests.Http;

public sealed class ProxyProtocolTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";

    private static readonly TrustedProxies s_proxies = new([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")]);

    public static TheoryData<string, string?> Headers => new()
    {
        { Text("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"), "192.0.2.1:56324" },
        { Text("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n"), "[2001:db8::1]:1" },
        { Text("PROXY UNKNOWN\r\n"), null },
        { Text("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"), null },
        { Signature + "21" + "11" + "000C" + "C0000201" + "C6336401" + "DC04" + "01BB", "192.0.2.1:56324" },
        { Signature + "21" + "21" + "0024" + "20010DB8000000000000000000000001" + "20010DB8000000000000000000000002" + "0001"
            + "01BB", "[2001:db8::1]:1" },
        { Signature + "21" + "11" + "0010" + "C0000201" + "C6336401" + "DC04" + "01BB" + "04000100", "192.0.2.1:56324" },
        { Signature + "20" + "00" + "0000", null },
        { Signature + "21" + "31" + "0002" + "FFFF", null },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_complete_header_is_parsed_and_nothing_after_it(string hexadecimal, string? expected)
    {
        var header = Convert.FromHexString(hexadecimal);
        for (var i = 0; i < header.Length; i++)
            ProxyHeader.TryRead(new ReadOnlySequence<byte>(header, 0, i), out _, out _).ShouldBeFalse($"{i} bytes");

        ProxyHeader.TryRead(new ReadOnlySequence<byte>([.. header, .. "GET / HTTP/1.1\r\n"u8]), out var length, out var client)
            .ShouldBeTrue();

        length.ShouldBe(header.Length);
        client?.ToString().ShouldBe(expected);
        (client is null).ShouldBe(expected is null);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n")]
    [InlineData("PROXY TCP4 elsewhere 198.51.100.1 56324 443\r\n")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n")]
    [InlineData("PROXY UDP4 192.0.2.1 198.51.100.1 1 443\r\n")]
    [InlineData("PROXY TCP4 ..........................................................................................................")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x22\x11\0\0")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04\x01\x02\x03\x04")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\x7F\x7F")]
    [InlineData("\x16\x03\x01")]
    public void Other_bytes_are_not_a_header(string text) =>
        Should.Throw<FormatException>(() => ProxyHeader.TryRead(new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text)), out _, out _));

    [Theory]
    [InlineData("10.1.2.3", "192.0.2.1:56324", "GET")]
    [InlineData("::ffff:10.1.2.3", "192.0.2.1:56324", "GET")]
    [InlineData("fd00::1", "192.0.2.1:56324", "GET")]
    [InlineData("192.0.2.9", "192.0.2.9:1", "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET")]
    public async Task Only_headers_of_trusted_proxies_are_used(string from, string client, string rest)
    {
        var input = new Pipe();
        await input.Writer.WriteAsync("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET"u8.ToArray());
        var connection = ConnectionOf(from, input);
        string? served = null;

        await new ProxyProtocol(s_proxies, Patience.Limit, null).Before(async c =>
        {
            var read = await c.Transport.Input.ReadAsync();
            served = $"{c.RemoteEndPoint} {Encoding.ASCII.GetString(read.Buffer)}";
        })(connection);

        served.ShouldBe(string.Create(CultureInfo.InvariantCulture, $"{client} {rest}"));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("PROXY TCP4 192.0")]
    public async Task A_connection_of_a_trusted_proxy_without_a_client_address_is_not_served(string text)
    {
        var input = new Pipe();
        await input.Writer.WriteAsync(Encoding.ASCII.GetBytes(text));
        await input.Writer.CompleteAsync();
        var refused = 0;
        var isServed = false;

        await new ProxyProtocol(s_proxies, Patience.Limit, () => refused++).Before(_ =>
        {
            isServed = true;
            return Task.CompletedTask;
        })(ConnectionOf("10.0.0.1", input));

        isServed.ShouldBeFalse();
        refused.ShouldBe(1);
    }

    private static string Text(string header) => Convert.ToHexString(Encoding.ASCII.GetBytes(header));

    private static DefaultConnectionContext ConnectionOf(string from, Pipe input) => new()
    {
        RemoteEndPoint = new IPEndPoint(IPAddress.Parse(from), 1),
        Transport = new Transport(input.Reader, new Pipe().Writer),
    };

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
