using System.Net;
using KisFeed.Server.Http;
using Microsoft.Extensions.Primitives;

namespace KisFeed.Server.Tests.Http;

public sealed class OriginRulesTests
{
    private const int Port = 21000;

    private readonly OriginRules _rules = new([]);

    [Fact]
    public void A_request_without_an_origin_is_allowed() => Allows(StringValues.Empty).ShouldBeTrue();

    [Theory]
    [InlineData("http://127.0.0.1:21000")]
    [InlineData("http://localhost:21000")]
    [InlineData("http://[::1]:21000")]
    [InlineData("http://[0:0:0:0:0:0:0:1]:21000")]
    [InlineData("https://localhost:21000")]
    [InlineData("HTTP://LocalHost:21000")]
    public void Pages_of_the_gateway_are_allowed(string origin) => Allows(origin).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("http://")]
    [InlineData("://127.0.0.1:21000")]
    [InlineData("127.0.0.1:21000")]
    [InlineData("http:127.0.0.1:21000")]
    [InlineData("http:///127.0.0.1:21000")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("http://127.0.0.1:21001")]
    [InlineData("http://127.0.0.1:2100")]
    [InlineData("http://127.0.0.1:210000")]
    [InlineData("http://127.0.0.1:021000")]
    [InlineData("http://127.0.0.1:+21000")]
    [InlineData("http://127.0.0.1: 21000")]
    [InlineData("http://127.0.0.1:21000:21000")]
    [InlineData("http://127.0.0.1:86536")]
    [InlineData("http://127.0.0.1:4294988296")]
    [InlineData("http://127.0.0.1:-21000")]
    [InlineData("http://127.0.0.1:２１０００")]
    [InlineData("http://127.0.0.1.evil.example")]
    [InlineData("http://127.0.0.1.evil.example:21000")]
    [InlineData("http://evil.example:21000")]
    [InlineData("http://localhost.evil.example:21000")]
    [InlineData("http://evil-localhost:21000")]
    [InlineData("http://evil.localhost:21000")]
    [InlineData("http://localhost.:21000")]
    [InlineData("http://evil.example#127.0.0.1:21000")]
    [InlineData("http://evil.example/127.0.0.1:21000")]
    [InlineData("http://evil.example\\127.0.0.1:21000")]
    [InlineData("http://127.0.0.1:21000@evil.example")]
    [InlineData("http://evil.example@127.0.0.1:21000")]
    [InlineData("http://127.0.0.1:21000/")]
    [InlineData("http://127.0.0.1:21000/x")]
    [InlineData("http://127.0.0.1:21000?x")]
    [InlineData("http://127.0.0.1:21000#x")]
    [InlineData("http://127.0.0.1:21000,http://evil.example")]
    [InlineData("http://127.0.0.1:21000 http://evil.example")]
    [InlineData("http://127.0.0.1:21000\0")]
    [InlineData("http://127.0.0.1:21000\r\n")]
    [InlineData(" http://127.0.0.1:21000")]
    [InlineData("ws://127.0.0.1:21000")]
    [InlineData("file://127.0.0.1:21000")]
    [InlineData("chrome-extension://127.0.0.1:21000")]
    [InlineData("javascript://127.0.0.1:21000")]
    [InlineData("http://127.1:21000")]
    [InlineData("http://2130706433:21000")]
    [InlineData("http://0x7f000001:21000")]
    [InlineData("http://0177.0.0.1:21000")]
    [InlineData("http://0.0.0.0:21000")]
    [InlineData("http://127.0.0.2:21000")]
    [InlineData("http://[::]:21000")]
    [InlineData("http://[::1:21000")]
    [InlineData("http://::1:21000")]
    [InlineData("http://[::1]21000")]
    [InlineData("http://[::1].evil.example:21000")]
    [InlineData("http://[::1%251]:21000")]
    [InlineData("http://[::1%lo]:21000")]
    [InlineData("http://[127.0.0.1]:21000")]
    [InlineData("http://[::ffff:127.0.0.1]:21000")]
    [InlineData("http://[]:21000")]
    [InlineData("http://[:21000")]
    [InlineData("http://ⓛocalhost:21000")]
    [InlineData("http://locаlhost:21000")]
    public void Other_pages_are_not_allowed(string origin) => Allows(origin).ShouldBeFalse();

    [Fact]
    public void Empty_and_multiple_origins_are_not_allowed()
    {
        Allows(new StringValues([null])).ShouldBeFalse();
        Allows(new StringValues(["http://127.0.0.1:21000", "http://evil.example"])).ShouldBeFalse();
        Allows(new StringValues(["http://127.0.0.1:21000", "http://127.0.0.1:21000"])).ShouldBeFalse();
        Allows(new StringValues(["http://127.0.0.1:21000", null])).ShouldBeFalse();
        Allows($"http://{new string('a', 1_000_000)}:21000").ShouldBeFalse();
    }

    [Theory]
    [InlineData("192.168.0.7", "http://192.168.0.7:21000", true)]
    [InlineData("::ffff:192.168.0.7", "http://192.168.0.7:21000", true)]
    [InlineData("fe80::1%3", "http://[fe80::1]:21000", true)]
    [InlineData("2001:db8::7", "http://[2001:DB8::7]:21000", true)]
    [InlineData("192.168.0.7", "http://192.168.0.8:21000", false)]
    [InlineData("192.168.0.7", "http://192.168.0.7:21001", false)]
    [InlineData("192.168.0.7", "http://192.168.0.7.evil.example:21000", false)]
    public void The_address_of_the_request_is_an_origin_of_the_gateway(string address, string origin, bool passes) =>
        _rules.Allows(origin, IPAddress.Parse(address), Port).ShouldBe(passes);

    [Fact]
    public void Default_ports_are_omitted()
    {
        _rules.Allows("http://localhost", IPAddress.Loopback, 80).ShouldBeTrue();
        _rules.Allows("https://localhost", IPAddress.Loopback, 443).ShouldBeTrue();
        _rules.Allows("https://localhost", IPAddress.Loopback, 80).ShouldBeFalse();
        _rules.Allows("http://localhost", null, 443).ShouldBeFalse();
    }

    [Theory]
    [InlineData("https://charts.example", true)]
    [InlineData("https://charts.example:443", true)]
    [InlineData("https://CHARTS.example", true)]
    [InlineData("http://localhost:5173", true)]
    [InlineData("http://charts.example", false)]
    [InlineData("https://charts.example:8443", false)]
    [InlineData("https://charts.example.evil.example", false)]
    [InlineData("https://evil-charts.example", false)]
    [InlineData("https://www.charts.example", false)]
    [InlineData("https://localhost:5173", false)]
    [InlineData("http://127.0.0.1:5173", false)]
    public void Configured_origins_are_matched_exactly(string origin, bool passes) =>
        new OriginRules(["https://charts.example", "http://localhost:5173"]).Allows(origin, IPAddress.Loopback, Port).ShouldBe(passes);

    [Fact]
    public void Characters_that_only_lowercase_to_ASCII_do_not_match() =>
        new OriginRules(["https://kospi.example"]).Allows("https://\u212Aospi.example", IPAddress.Loopback, Port).ShouldBeFalse();

    [Theory]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("https://*.example")]
    [InlineData("https://charts.example/")]
    [InlineData("charts.example")]
    public void Invalid_origins_cannot_be_configured(string text) =>
        Should.Throw<KisFeedConfigurationException>(() => new OriginRules([text])).Message
            .ShouldStartWith($"'{text}' is not a valid origin");

    [Theory]
    [InlineData("https://charts.example")]
    [InlineData("http://localhost:5173")]
    [InlineData("http://[::1]:21000")]
    public void Origins_are_written_as_in_the_header(string text)
    {
        WebOrigin.TryParse(text.ToUpperInvariant(), out var origin).ShouldBeTrue();
        origin.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("127.0.0.1:21000", true)]
    [InlineData("LOCALHOST:21000", true)]
    [InlineData("localhost", true)]
    [InlineData("[::1]:21000", true)]
    [InlineData("192.168.0.7:21000", true)]
    [InlineData("charts.example", true)]
    [InlineData("evil.example:21000", false)]
    [InlineData("127.0.0.1.evil.example:21000", false)]
    [InlineData("127.1", false)]
    [InlineData("2130706433", false)]
    [InlineData("localhost@evil.example", false)]
    [InlineData("localhost/", false)]
    [InlineData("", false)]
    public void DNS_rebinding_is_detected_by_the_host(string host, bool passes) =>
        new OriginRules(["https://charts.example"]).AllowsHost(host).ShouldBe(passes);

    [Fact]
    public void A_request_without_a_host_or_with_two_is_not_from_a_browser()
    {
        _rules.AllowsHost(StringValues.Empty).ShouldBeFalse();
        _rules.AllowsHost(new StringValues(["localhost", "localhost"])).ShouldBeFalse();
    }

    private bool Allows(StringValues header) => _rules.Allows(header, IPAddress.Loopback, Port);
}
