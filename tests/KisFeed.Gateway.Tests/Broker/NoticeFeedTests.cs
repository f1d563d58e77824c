using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using KisFeed.Feeds;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Gateway.Tests.Web;
using KisFeed.Simulator;
using KisFeed.Tests.Client;
using KisFeed.Wire;
using KisFeed.Wire.Control;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>What applies to order notices applies to every feed of them.</summary>
public sealed class NoticeFeedTests : IDisposable
{
    private const string HtsId = "SecretaryOfAnna";
    private const string OtherHtsId = "boris";

    private readonly TestConsumers _testConsumers = new();

    public static TheoryData<string> Notices => [.. KisFeeds.Catalog.Feeds.Where(feed => feed.IsNotice).Select(feed => feed.TrId)];

    public void Dispose() => _testConsumers.Dispose();

    [Theory]
    [MemberData(nameof(Notices))]
    public async Task Notices_are_encrypted_with_the_key_of_their_acknowledgement_and_other_frames_are_not(string trId)
    {
        await using var testGateway = await OpenAsync(new SimulatorOptions { Rate = 500 });
        await using var anna = await testGateway.ConnectAsync();
        await using var boris = await testGateway.ConnectAsync();
        using var annasCipher = await RegisterAsync(anna, trId, HtsId);
        using var borissCipher = await RegisterAsync(boris, trId, OtherHtsId);
        await using var index = await testGateway.ConnectAsync();
        var answer = await AnswerAsync(index, TestGateway.Index, "0001");

        for (var i = 0; i < 5; i++)
        {
            var frame = await anna.ReceiveFrameAsync();
            frame.ShouldStartWith($"1|{trId}|001|");
            TestFrames.Decrypt(borissCipher, frame).ShouldBeNull();
            ShouldBeOf(HtsId, trId, TestFrames.Decrypt(annasCipher, frame).ShouldNotBeNull());
            ShouldBeOf(OtherHtsId, trId, TestFrames.Decrypt(borissCipher, await boris.ReceiveFrameAsync()).ShouldNotBeNull());
            (await index.ReceiveFrameAsync()).ShouldStartWith($"0|{TestGateway.Index}|");
        }

        EncryptOf(answer).ShouldBe("N");
        testGateway.Status.Totals.NoticesWithheld.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Notices))]
    public async Task Notices_are_sent_only_to_consumers_with_the_right_to_their_HTS_ID_while_they_have_it(string trId)
    {
        await _testConsumers.AddAsync("anna", notices: true, htsIds: [HtsId]);
        await _testConsumers.AddAsync("listed", feeds: [trId]);
        await using var testGateway = await OpenAsync(new SimulatorOptions { Rate = 500 });
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        await using var listed = await _testConsumers.ConnectAsync(testGateway, "listed");

        (await listed.RegisterAsync(trId, HtsId)).Code
            .ShouldBe(BrokerCode.WrongHtsId, "the right to order notices is separate from the list of feeds");
        (await anna.RegisterAsync(trId, OtherHtsId)).Code.ShouldBe(BrokerCode.WrongHtsId);
        using var cipher = await RegisterAsync(anna, trId, HtsId);
        ShouldBeOf(HtsId, trId, TestFrames.Decrypt(cipher, await anna.ReceiveFrameAsync()).ShouldNotBeNull());
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe={trId}:{HtsId}", _testConsumers.Basic("anna"));
        var record = await stream.UntilAsync("record");
        foreach (var (name, htsId) in ((string, string)[])[("listed", HtsId), ("anna", OtherHtsId)])
        {
            var refusal = await testGateway.GetAsync($"/v1/stream?subscribe={trId}:{htsId}", _testConsumers.Basic(name));
            refusal.ShouldBeProblem(403, "feedNotAllowed");
            refusal.Body.ShouldNotContain(htsId);
        }

        record.Json.ShouldHave($$"""{"trId":"{{trId}}","key":"{{HtsId}}","customerId":"{{HtsId}}"}""");
        testGateway.Refused(AccessRefusalReason.Rights).ShouldBe(4);

        await _testConsumers.AddAsync("anna");
        testGateway.Gateway.ReloadConsumers();

        (await anna.ReceiveCloseAsync()).Status.ShouldBe(WebSocketCloseStatus.PolicyViolation);
        await stream.UntilAsync(e => e.Kind is "refused" or "end");
    }

    [Theory]
    [MemberData(nameof(Notices))]
    public async Task Keys_accounts_and_HTS_IDs_are_in_no_page_and_no_log(string trId)
    {
        var search = new SecretSearch();
        search.Add("HTS ID", HtsId);
        await _testConsumers.AddAsync("anna", notices: true);
        await _testConsumers.AddAsync("desk", isOperator: true);
        await using var testGateway = await OpenAsync(new SimulatorOptions { Rate = 500 });
        await using var anna = await _testConsumers.ConnectAsync(testGateway, "anna");
        var output = JsonDocument.Parse(await AnswerAsync(anna, trId, HtsId)).RootElement.GetProperty("body").GetProperty("output");
        search.Add("key", output.GetProperty("key").GetString()!);
        search.Add("IV", output.GetProperty("iv").GetString()!);
        await anna.ReceiveFrameAsync();
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe={trId}:{HtsId}", _testConsumers.Basic("anna"));
        search.Add(
            "account number", (await stream.UntilAsync("record")).Json.GetProperty("accountNumber").GetString().ShouldNotBeNull());
        testGateway.Simulator.SetFaults(new SimulatorFaults { BadUtf8 = 0.5 });
        await stream.UntilAsync("malformed");

        List<string> answers = [JsonSerializer.Serialize(testGateway.Status)];
        foreach (var name in (string[])["anna", "desk"])
        {
            foreach (var page in (string[])["/", "/v1/status", "/v1/dashboard", "/v1/feeds", $"/v1/feeds/{trId}", "/metrics", "/healthz",
                "/readyz", $"/v1/last/{trId}/{HtsId}", $"/v1/history/{trId}/{HtsId}"])
            {
                answers.Add($"{await testGateway.GetAsync(page, _testConsumers.Basic(name))}");
            }
        }

        search.ShouldFindNothingIn(answers);
        answers.Count(answer => answer.Contains("noticesNotKept", StringComparison.Ordinal))
            .ShouldBe(2, "the last notices and their history are available to nobody");
        var status = (await testGateway.GetAsync("/v1/status", _testConsumers.Basic("desk"))).Json;
        status.GetProperty("registrations").EnumerateArray()
            .Select(r => (r.GetProperty("trId").GetString(), r.GetProperty("key").GetString())).ShouldBe([(trId, null)]);

        // The HTS ID of a registration is logged only at debug level.
        search.ShouldFindNothingIn(testGateway.Log.Entries.Where(entry => entry.Level > LogLevel.Debug).Select(entry => entry.Text));
        testGateway.Log.Entries.SelectMany(entry => search.FindIn(entry.Text)).Where(name => name != "HTS ID").ShouldBeEmpty();
        testGateway.Log.Entries.ShouldContain(entry => entry.Text.Contains(trId, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Notices))]
    public async Task An_unreadable_notice_is_shown_to_nobody_and_is_a_gap_for_every_possible_HTS_ID(string trId)
    {
        await using var testGateway = await OpenAsync(
            new SimulatorOptions { Rate = 1_000, Faults = new SimulatorFaults { BadUtf8 = 0.3 } });
        await using var stream = await SseClient.OpenAsync(testGateway.Gateway, $"subscribe={trId}:{HtsId},{trId}:{OtherHtsId}");

        var malformed = await stream.UntilAsync("malformed");
        HashSet<string?> missing = [];
        while (missing.Count < 2)
            missing.Add((await stream.UntilAsync("gap")).Key);

        malformed.Json.GetProperty("trId").GetString().ShouldBe(trId);
        malformed.Json.TryGetProperty("raw", out _).ShouldBeFalse();
        malformed.Json.TryGetProperty("rawBase64", out _).ShouldBeFalse();
        missing.ShouldBe([HtsId, OtherHtsId], ignoreOrder: true);
        testGateway.Status.Totals.NoticesWithheld.ShouldBePositive();
    }

    // A gateway of a simulator has the feeds of both services.
    private Task<TestGateway> OpenAsync(SimulatorOptions simulator) => TestGateway.OpenAsync(
        simulator,
        upstream: upstream => upstream with { Environment = KisEnvironment.Simulator },
        consumers: File.Exists(_testConsumers.TokenFile) ? _testConsumers : null);

    private static async Task<NoticeCipher> RegisterAsync(FeedClient client, string trId, string htsId)
    {
        var answer = await AnswerAsync(client, trId, htsId);
        EncryptOf(answer).ShouldBe("Y");
        return new NoticeCipher(FeedClient.Parse(answer).NoticeKey.ShouldNotBeNull());
    }

    private static async Task<string> AnswerAsync(FeedClient client, string trId, string key)
    {
        await client.SendAsync(FeedClient.Request(client.ApprovalKey, "1", trId, key));
        return await client.ReceiveControlAsync();
    }

    private static string? EncryptOf(string answer) =>
        JsonDocument.Parse(answer).RootElement.GetProperty("header").GetProperty("encrypt").GetString();

    private static void ShouldBeOf(string htsId, string trId, string notice)
    {
        notice.ShouldStartWith($"0|{trId}|001|{htsId}^");
        KisFeeds.Catalog.TryFind(trId, out var feed).ShouldBeTrue();
        DataFrame.TryParse(Encoding.UTF8.GetBytes(notice), out var frame, out _).ShouldBeTrue();
        feed.TryResolve(frame, out var shape, out var error).ShouldBeTrue(error.ToString());
        shape.IsUnknownWidth.ShouldBeFalse(notice);
    }
}
