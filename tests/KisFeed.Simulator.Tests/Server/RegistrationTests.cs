using System.Text.Json;

namespace KisFeed.Simulator.Tests.Server;

public sealed class RegistrationTests
{
    // The clock does not advance, so no data arrive between the answers.
    private static readonly SimulatorOptions s_quiet = new() { TimeProvider = new ManualTimeProvider() };

    [Theory]
    [InlineData("H0UPCNT0", "0001", "N")]
    [InlineData("H0BJCNT0", "KR103502GA34", "N")]
    [InlineData("H0NXPGM0", "005930", "N")]
    [InlineData("H0UNPGM0", "005930", "N")]
    [InlineData("H0STPGM0", "005930", "N")]
    [InlineData("H0IFCNI0", "MyHtsId", "Y")]
    [InlineData("H0IFCNI9", "MyHtsId", "Y")]
    public async Task A_registration_is_acknowledged_with_key_and_IV_in_the_documented_format(string trId, string trKey, string encrypt)
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);

        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", trId, trKey));
        var text = await client.ReceiveControlAsync();

        using var json = JsonDocument.Parse(text);
        var output = json.RootElement.GetProperty("body").GetProperty("output");
        var (iv, key) = (output.GetProperty("iv").GetString()!, output.GetProperty("key").GetString()!);
        iv.Length.ShouldBe(16);
        key.Length.ShouldBe(32);
        (iv + key).ShouldAllBe(c => char.IsAsciiLetterOrDigit(c));
        text.ShouldBe($$$$"""{"header":{"tr_id":"{{{{trId}}}}","tr_key":"{{{{trKey}}}}","encrypt":"{{{{encrypt}}}}"}"""
            + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE """
            + $$$$"""SUCCESS","output":{"iv":"{{{{iv}}}}","key":"{{{{key}}}}"}}}""");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Registrations_of_a_session_share_a_key_unless_each_has_its_own(bool perRegistration)
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet with { AesPerRegistration = perRegistration });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await using var other = await FeedClient.ConnectAsync(server.WebSocketUrl);

        var first = await client.RegisterAsync("H0IFCNI0", "anna");
        var second = await client.RegisterAsync("H0IFCNI0", "boris");
        await client.ReleaseAsync("H0IFCNI0", "anna");
        var renewed = await client.RegisterAsync("H0IFCNI0", "anna");
        var elsewhere = await other.RegisterAsync("H0IFCNI0", "anna");

        first.NoticeKey!.Matches(second.NoticeKey!).ShouldBe(!perRegistration);
        first.NoticeKey!.Matches(renewed.NoticeKey!).ShouldBe(!perRegistration);
        first.NoticeKey!.Matches(elsewhere.NoticeKey!).ShouldBeFalse();
    }

    [Fact]
    public async Task A_release_is_acknowledged_once()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0UPCNT0", "0001");

        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "2", "H0UPCNT0", "0001"));
        (await client.ReceiveControlAsync()).ShouldBe(
            """{"header":{"tr_id":"H0UPCNT0","tr_key":"0001","encrypt":"N"}"""
            + ""","body":{"rt_cd":"0","msg_cd":"OPSP0001","msg1":"UNSUBSCRIBE SUCCESS"}}""");
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "2", "H0UPCNT0", "0001"));
        (await client.ReceiveControlAsync()).ShouldBe(
            """{"header":{"tr_id":"H0UPCNT0","tr_key":"0001","encrypt":"N"}"""
            + ""","body":{"rt_cd":"1","msg_cd":"OPSP0003","msg1":"UNSUBSCRIBE ERROR (not found!)"}}""");
    }

    [Fact]
    public async Task A_duplicate_registration_is_refused_without_a_key_and_not_counted()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet with { MaxRegistrations = 2 });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync("H0IFCNI0", "anna");

        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0IFCNI0", "anna"));

        (await client.ReceiveControlAsync()).ShouldBe(
            """{"header":{"tr_id":"H0IFCNI0","tr_key":"anna","encrypt":"N"}"""
            + ""","body":{"rt_cd":"1","msg_cd":"OPSP0002","msg1":"ALREADY IN SUBSCRIBE"}}""");
        server.Statistics.Registrations.ShouldBe(1);
        (await client.RegisterAsync("H0IFCNI0", "ANNA")).Code.Value.ShouldBe("OPSP0000");
    }

    [Fact]
    public async Task The_42nd_registration_is_refused_until_one_is_released()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        for (var i = 0; i < 41; i++)
            (await client.RegisterAsync("H0NXPGM0", $"{100000 + i}")).Code.Value.ShouldBe("OPSP0000");

        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0IFCNI0", "anna"));
        (await client.ReceiveControlAsync()).ShouldBe(
            """{"header":{"tr_id":"H0IFCNI0","tr_key":"anna","encrypt":"N"}"""
            + ""","body":{"rt_cd":"1","msg_cd":"OPSP0008","msg1":"MAX SUBSCRIBE OVER"}}""");
        (await client.RegisterAsync("H0NXPGM0", "100000")).Code.Value.ShouldBe("OPSP0002");
        server.Statistics.Registrations.ShouldBe(41);

        (await client.ReleaseAsync("H0NXPGM0", "100007")).Code.Value.ShouldBe("OPSP0001");
        (await client.RegisterAsync("H0IFCNI0", "anna")).Code.Value.ShouldBe("OPSP0000");
        (await client.RegisterAsync("H0NXPGM0", "100007")).Code.Value.ShouldBe("OPSP0008");
    }

    [Theory]
    [InlineData("H0STXXX0", "005930", "OPSP8991", "SUBSCRIBE ERROR : invalid tr_id")]
    [InlineData("h0upcnt0", "0001", "OPSP8991", "SUBSCRIBE ERROR : invalid tr_id")]
    [InlineData("지수", "0001", "OPSP8991", "SUBSCRIBE ERROR : invalid tr_id")]
    [InlineData("H0UPCNT0", "1", "OPSP8992", "SUBSCRIBE ERROR : invalid tr_key")]
    [InlineData("H0BJCNT0", "005930", "OPSP8992", "SUBSCRIBE ERROR : invalid tr_key")]
    [InlineData("H0NXPGM0", "삼성전자", "OPSP8992", "SUBSCRIBE ERROR : invalid tr_key")]
    [InlineData("H0IFCNI0", "an|na", "OPSP8992", "SUBSCRIBE ERROR : invalid tr_key")]
    public async Task An_invalid_registration_is_refused_with_its_TR_ID_and_key(string trId, string trKey, string code, string text)
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);

        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", trId, trKey));

        (await client.ReceiveControlAsync()).ShouldBe(
            $$$$"""{"header":{"tr_id":"{{{{trId}}}}","tr_key":"{{{{trKey}}}}","encrypt":"N"}"""
            + $$$$""","body":{"rt_cd":"9","msg_cd":"{{{{code}}}}","msg1":"{{{{text}}}}"}}""");
        (await client.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task A_key_with_JSON_escapes_is_returned_unchanged()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        var reply = await client.RegisterAsync("H0IFCNI0", """a\"나\\b""");
        reply.IsSuccess.ShouldBeTrue();
        reply.TrKey.ShouldBe("""a"나\b""");
    }

    [Fact]
    public async Task A_wrong_HTS_ID_is_refused_without_naming_the_request()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet with { HtsId = "Anna" });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);

        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", "H0IFCNI0", "anna"));

        (await client.ReceiveControlAsync()).ShouldBe(
            """{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"OPSP0017","msg1":"ERROR : htsid가잘못되었습니다"}}""");
        (await client.RegisterAsync("H0IFCNI0", "Anna")).IsSuccess.ShouldBeTrue();
        (await client.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task An_unknown_approval_key_is_refused_and_a_valid_one_may_follow()
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);

        await client.SendAsync(FeedClient.Request(Guid.NewGuid().ToString(), "1", "H0UPCNT0", "0001"));

        (await client.ReceiveControlAsync()).ShouldBe(
            """{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"1","msg_cd":"OPSP0011","msg1":"invalid """
            + """approval(appkey) : NOT FOUND"}}""");
        (await client.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }

    [Theory]
    [InlineData("hello", "OPSP9999", "invalid json format")]
    [InlineData("""{"header":""", "OPSP9999", "invalid json format")]
    [InlineData("""{"body":{}}""", "OPSP9998", "header not found")]
    [InlineData("""{"header":{}}""", "OPSP9992", "body not found")]
    [InlineData("""{"header":{},"body":{}}""", "OPSP9991", "input not found")]
    [InlineData("""{"header":{},"body":{"input":{}}}""", "OPSP9996", "appkey not found")]
    [InlineData("""{"header":{"approval_key":"k"},"body":{"input":{}}}""", "OPSP9997", "custtype not found")]
    [InlineData("""{"header":{"approval_key":"k","custtype":"X"},"body":{"input":{}}}""", "OPSP8998", "invalid custtype")]
    [InlineData("""{"header":{"approval_key":"k","custtype":"P","tr_type":"0"},"body":{"input":{}}}""", "OPSP8997", "invalid tr_type")]
    [InlineData(
        """{"header":{"approval_key":"k","custtype":"P","tr_type":"1"},"body":{"input":{"tr_id":"H0UPCNT0"}}}""",
        "OPSP9990",
        "tr_key not found")]
    public async Task A_malformed_request_is_refused_and_the_session_continues(string request, string code, string text)
    {
        await using var server = await SimulatorServer.StartAsync(s_quiet);
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);

        await client.SendAsync(request);

        (await client.ReceiveControlAsync()).ShouldBe(
            $$$$"""{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"9","msg_cd":"{{{{code}}}}","msg1":"JSON """
            + $$$$"""PARSING ERROR : {{{{text}}}}"}}""");
        (await client.RegisterAsync("H0UPCNT0", "0001")).IsSuccess.ShouldBeTrue();
    }
}
