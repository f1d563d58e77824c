using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Client;

/// <summary>Servers that repeat secrets wherever possible. The client must not emit any of them.</summary>
public sealed class RepeatedSecretsTests
{
    private const string AppKey = "PSrepeatedrepeatedrepeatedrepeated00";
    private const string AppSecret = "cmVwZWF0ZWRyZXBlYXRlZHJlcGVhdGVkcmVwZWF0ZWRyZXBlYXRlZHJlcGVhdGU=";
    private const string ApprovalKey = "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d";
    private const string NoticeKeyText = "ogcywdtkdppkotkkgzszpikxwdwhyxwb";
    private const string Iv = "a4f4b6d1e1c8d5a9";
    private const string HtsId = "HtsIdOfAnna7";
    private const string Account = "1234567803";
    private const string Everything = $"{ApprovalKey} {AppKey}:{AppSecret},{NoticeKeyText}/{Iv} of {HtsId} {Account} {ApprovalKey}";


    private readonly SecretSearch _search = new();

    public RepeatedSecretsTests()
    {
        _search.Add("app key", AppKey);
        _search.Add("app secret", AppSecret);
        _search.Add("approval key", ApprovalKey);
        _search.Add("AES key", NoticeKeyText);
        _search.Add("IV", Iv);
        _search.Add("HTS ID", HtsId);
        _search.Add("account number", Account);
    }

    [Fact]
    public async Task By_a_session_with_every_kind_of_failure()
    {
        var connections = 0;
        await using var server = await ScriptedServer.StartAsync(
            socket => Interlocked.Increment(ref connections) switch
            {
                1 => SendSecretsAsync(socket),
                2 => CloseAsync(socket, $"{ApprovalKey} {HtsId} {Account} {NoticeKeyText} {Iv}"),
                3 => CloseAsync(socket, $"{AppKey} {AppSecret}"),
                4 => RefuseAsync(socket, "OPSP8996"),
                _ => RefuseAsync(socket, "OPSP0010"),
            },
            $$"""{"approval_key":"{{ApprovalKey}}"}""");
        using var telemetry = new EmittedTelemetry();
        var options = server.Options with
        {
            AppKey = AppKey,
            AppSecret = AppSecret,
            HtsId = null, // It is known only as the key of a registration.
            ClientName = "repeated",
            LoggerFactory = telemetry,
            MaxMessageBytes = 2048,
            Reconnect = new ReconnectPolicy
            {
                InitialDelay = TimeSpan.FromMilliseconds(1),
                AppKeyInUseDelay = TimeSpan.FromMilliseconds(1),
                AttemptsPerMinute = 100,
                AttemptsPerHour = 100,
            },
        };
        await using var client = await KisFeedClient.ConnectAsync(options);
        await using var notices = await client.SubscribeAsync(OrderNotice.Feed, HtsId);
        var statuses = Task.Run(async () =>
        {
            await foreach (var status in client.WatchSessionsAsync())
                telemetry.Add("text", status);
        });
        foreach (var item in await Simulation.TakeAsync(notices.ReadItemsAsync(), 7))
            telemetry.Add(item.IsRecord ? "record" : "event", item.IsRecord ? item.Record : item.Event);
        for (var i = 0; i < 2; i++)
        {
            var refusal = await Should.ThrowAsync<SubscribeRefusedException>(client.SubscribeAsync(IndexTrade.Feed, "0001"));
            telemetry.Add("error", refusal);
            telemetry.Add("error", refusal.BrokerText);
        }

        telemetry.Add("error", await Should.ThrowAsync<ConnectionLostException>(client.Completion.WaitAsync(Patience.Limit)));
        telemetry.Add("error", await Should.ThrowAsync<ConnectionLostException>(client.SubscribeAsync(IndexTrade.Feed, "0001")));
        telemetry.Add("error", await Should.ThrowAsync<ConnectionLostException>(async () =>
        {
            await foreach (var item in notices.ReadItemsAsync())
                telemetry.Add(item.IsRecord ? "record" : "event", item.IsRecord ? item.Record : item.Event);
        }));
        await statuses.WaitAsync(Patience.Limit);
        telemetry.Measure();

        connections.ShouldBe(5);
        telemetry.Count("record").ShouldBe(1);
        telemetry.Count("event", "MalformedFrame").ShouldBe(6);
        foreach (var id in new[] { 1001, 1003, 1005, 1103, 1104, 1202 })
            telemetry.Count("log", $" {id} ").ShouldBeGreaterThan(0, $"{id}");
        telemetry.Count("log", "***").ShouldBeGreaterThan(5);
        telemetry.Count("text", "***").ShouldBeGreaterThan(1);
        telemetry.Count("measurement", "kisfeed.broker.code=other").ShouldBeGreaterThan(0);
        telemetry.Count("measurement", "kisfeed.broker.code=OPSP8996").ShouldBeGreaterThan(0);
        telemetry.Count("activity", "kisfeed.connect").ShouldBeGreaterThanOrEqualTo(5);
        _search.ShouldFindNothingIn(telemetry.Texts);
    }

    [Theory]
    [InlineData("EGW00103", Everything)]
    [InlineData(Everything, "")]
    public async Task By_a_service_that_refuses_an_approval_key(string code, string text)
    {
        await using var server = await ScriptedServer.StartAsync(
            ScriptedServer.ReceiveAsync, $$"""{"error_code":"{{code}}","error_description":"{{text}}"}""");
        using var telemetry = new EmittedTelemetry();
        var options = server.Options with { AppKey = AppKey, AppSecret = AppSecret, HtsId = HtsId, LoggerFactory = telemetry };
        var error = await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(options));
        error.Message.ShouldContain("***");
        _search.ShouldFindNothingIn(telemetry.Texts.Append(error.ToString()));
    }

    [Fact]
    public async Task By_a_service_that_does_not_answer_with_HTTP()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = Task.Run(async () =>
        {
            using var connection = await listener.AcceptTcpClientAsync();
            _ = await connection.GetStream().ReadAtLeastAsync(new byte[100], 100);
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 4\u001b[31m {AppSecret} {AppKey}\r\n\r\n"));
        });
        using var telemetry = new EmittedTelemetry();
        var url = $"//127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var options = new KisFeedOptions
        {
            AppKey = AppKey,
            AppSecret = AppSecret,
            RestUrl = new Uri($"http:{url}"),
            WebSocketUrl = new Uri($"ws:{url}"),
            LoggerFactory = telemetry,
        };
        var error = await Should.ThrowAsync<ApprovalKeyException>(KisFeedClient.ConnectAsync(options));
        await answering.WaitAsync(Patience.Limit);
        error.InnerException.ShouldBeNull("the answer is in the message");
        _search.ShouldFindNothingIn(telemetry.Texts.Append(error.ToString()));
        telemetry.Texts.Where(text => text.StartsWith("log", StringComparison.Ordinal)).Append(error.ToString())
            .ShouldAllBe(text => !text.Contains('\u001b'));
    }

    private static async Task SendSecretsAsync(WebSocket socket)
    {
        await AcknowledgeNoticeAsync(socket);
        var notice =
            $"{HtsId}^{Account}^0000001666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^000000000^위탁계좌^삼성전자^^^^000000000";
        string[] messages =
        [
            Reply("OPSP0007"),
            Reply(ApprovalKey),
            Encrypted(NoticeKeyText, notice),
            Encrypted(NoticeKeyText, notice.Replace("095835", "0958xx", StringComparison.Ordinal)), // a record that cannot be decoded
            Encrypted(NoticeKeyText, $"{HtsId}^{Account}^1"), // too few fields
            Encrypted(new string('x', 32), notice), // another account's key
            Everything,
            $$$"""{"header":{"tr_id":"H0IFCNI0"},"body":{"output":{"key":"{{{NoticeKeyText}}}","iv":"{{{Iv}}}"}""", // incomplete JSON
            new string('0', 1024) + Everything + new string('0', 1024), // too long
        ];
        foreach (var message in messages)
            await ScriptedServer.SendAsync(socket, message);
        foreach (var code in new[] { "OPSP8992", Everything })
        {
            await ScriptedServer.ReceiveAsync(socket);
            await ScriptedServer.SendAsync(socket, Reply(code));
        }

        await ScriptedServer.SendAsync(socket, Reply("OPSP0011"));
        await ScriptedServer.ReceiveAsync(socket);
    }

    private static async Task CloseAsync(WebSocket socket, string description)
    {
        await AcknowledgeNoticeAsync(socket);
        await socket.CloseOutputAsync(WebSocketCloseStatus.PolicyViolation, description, CancellationToken.None);
        await ScriptedServer.ReceiveAsync(socket);
    }

    private static async Task RefuseAsync(WebSocket socket, string code)
    {
        await ScriptedServer.ReceiveAsync(socket);
        await ScriptedServer.SendAsync(socket, Reply(code));
        await ScriptedServer.ReceiveAsync(socket);
    }

    private static async Task AcknowledgeNoticeAsync(WebSocket socket)
    {
        await ScriptedServer.ReceiveAsync(socket);
        await ScriptedServer.SendAsync(
            socket,
            $$$"""{"header":{"tr_id":"H0IFCNI0","tr_key":"{{{HtsId}}}","encrypt":"Y"}"""
                + ""","body":{"rt_cd":"0","msg_cd":"OPSP0000","msg1":"SUBSCRIBE """
                + $$$"""SUCCESS","output":{"iv":"{{{Iv}}}","key":"{{{NoticeKeyText}}}"} } }""");
    }

    private static string Reply(string code) =>
        $$$"""{"header":{"tr_id":"(null)"},"body":{"rt_cd":"9","msg_cd":"{{{code}}}","msg1":"{{{Everything}}}"}}""";

    private static string Encrypted(string key, string record)
    {
        using var cipher = new NoticeCipher(NoticeKey.TryCreate(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(Iv))!);
        var payload = new ArrayBufferWriter<byte>();
        cipher.Encrypt(Encoding.UTF8.GetBytes(record), payload);
        return $"1|H0IFCNI0|001|{Encoding.ASCII.GetString(payload.WrittenSpan)}";
    }
}
