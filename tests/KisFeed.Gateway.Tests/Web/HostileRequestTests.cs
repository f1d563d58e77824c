using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using KisFeed.Gateway.Tests.Broker;
using Microsoft.Extensions.Logging;

namespace KisFeed.Gateway.Tests.Web;

/// <summary>
/// Hostile times, ids, chunks and bodies at every endpoint and every WebSocket are answered with an error of the
/// client, and nothing fails in the gateway.
/// </summary>
public sealed class HostileRequestTests : IDisposable
{
    private const int Requests = 1_000;
    private const int OpenStreams = 5;

    private static readonly string[] s_times =
    [
        "0001-01-01", "0001-01-01T00:00", "0001-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-14:00", "24:00", "23:59:59.9999999", "00:00", "-0s", "-1ms", "-99999999999999999999d", "-10675199d",
        "-3652058d", "-1h", "2026-02-30", "now", "", "%00", "\u0665:00",
        "2026-11-25T09:00:60", "1e9", "NaN", "-", "--1h", "99999999-01-01",
    ];

    private static readonly string[] s_ids =
    [
        "0123456789ab-1-0.0",
        "0123456789ab-1-8de2a90f1c3b2a8.1",
        "0123456789ab-1-2bca2875f4373fff.1",
        "0123456789ab-1-2bca2875f4374000.1",
        "0123456789ab-1-7fffffffffffffff.2147483647",
        "0123456789ab-1-ffffffffffffffff.1",
        "0123456789ab-1-8000000000000000.1",
        "0123456789ab-9223372036854775807-8df2a90f1c3b2a8.1",
        "0123456789ab-9223372036854775808-8de2a90f1c3b2a8.1",
        "0123456789ab--1-8de2a90f1c3b2a8.1",
        "a-1",
        "-",
        "--",
        "a-b-c",
        "a-1-.",
        "a-1-1.-1",
        "%ED%A0%80",
        "\ud55c\uae00-1-1.1",
        "a-1-8de2a90f1c3b2a8.99999999999",
        "",
    ];

    private static readonly string[] s_chunks =
    [
        "zz\r\n{}\r\n0\r\n\r\n", "-1\r\n{}\r\n0\r\n\r\n", "FFFFFFFFFFFFFFFF\r\n{}", "7FFFFFFF\r\n{}", "80000000\r\n{}",
        "5\r\n{}\r\n0\r\n\r\n", "2\r\n{}xx0\r\n\r\n", "2;a=\u0001\r\n{}\r\n0\r\n\r\n", "\r\n\r\n",
        "2\n{}\n0\n\n", "0\r\nA: b\r\n", "2\r\n{}\r\n", "00000000000000000002\r\n{}\r\n0\r\n\r\n", "2 \r\n{}\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n", "",
    ];

    private static readonly string[] s_bodies =
    [
        "", "{", "[]", "null", "{}", "1e999", "\"", "{\"grant_type\":1}",
        "{\"grant_type\":\"client_credentials\",\"appkey\":\"\\ud800\",\"secretkey\":\"x\",\"appsecret\":\"x\"}", "{\"code\":\"\\udfff\"}",
        "{\"code\":5}",
        "grant_type=client_credentials&appkey=%&secretkey=%00", "=", "&&&=&", "\u0000\u0000",
        "\ufeff{\"grant_type\":\"client_credentials\"}",
        "{\"grant_type\":\"client_credentials\",\"grant_type\":null,\"appkey\":\"a\",\"appsecret\":\"b\",\"token\":\"c\"}",
        "{\"subscribe\":[\"index:0001\"],\"from\":\"0001-01-01\"}", "{\"faults\":7}", "{\"faults\":[null]}", "{\"\\ud800\":1}",
    ];

    private static readonly string[] s_keys =
    [
        "index:0001", "index:1001", "H0STASP0:005930", "H0STCNI0:anna", "index:", ":", "index:\ud55c\uae00", "x:y", "index:%00",
        "index:0001,index:0001", "index",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-hostile-");

    public static TheoryData<string> Kinds => ["times", "ids", "chunks", "bodies"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Hostile_requests_are_answered_with_an_error_of_the_client(string kind)
    {
        var random = new Random(TestRun.Seed + kind.Length);
        await using var testGateway = await OpenAsync();
        var endpoints = await EndpointsAsync(testGateway);
        var open = new Queue<TcpClient>();
        for (var i = 0; i < TestRun.Of(Requests); i++)
        {
            var request = RequestOf(kind, endpoints[i % endpoints.Count], random);
            var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", testGateway.Gateway.Port);
            var (status, isStream) = await AnswerAsync(client, request, endsInput: kind is "chunks" or "bodies");
            status.ShouldBeLessThan(500, $"seed {TestRun.Seed}, request {i}:\n{request}");
            if (isStream && kind is "times" or "ids")
                open.Enqueue(client);
            else
                client.Dispose();
            if (open.Count > OpenStreams)
                open.Dequeue().Dispose();
        }

        await testGateway.Gateway.StopAsync();
        foreach (var client in open)
        {
            using var reader = new StreamReader(client.GetStream());
            var rest = await reader.ReadToEndAsync().WaitAsync(Patience.Limit);
            (rest.Contains("event: end", StringComparison.Ordinal) || rest.Contains("\"event\":\"end\"", StringComparison.Ordinal))
                .ShouldBeTrue($"seed {TestRun.Seed}: {rest[^Math.Min(rest.Length, 300)..]}");
            client.Dispose();
        }

        ShouldHaveNoErrors(testGateway);
    }

    [Theory]
    [InlineData("/v1/stream?subscribe=index:1001")]
    [InlineData("/v1/stream?subscribe=index:1001&format=capture")]
    [InlineData("/tryitout/H0UPCNT0")]
    public async Task Hostile_messages_are_answered_or_close_the_WebSocket(string path)
    {
        var random = new Random(TestRun.Seed);
        await using var testGateway = await OpenAsync();
        await RawClient.SendEachAsync(
            new Uri(testGateway.Url, path),
            Enumerable.Range(0, TestRun.Of(Requests))
                .Select(_ => RawClient.Frame(RawClient.Text, Encoding.UTF8.GetBytes(MessageOf(random)))));
        ShouldHaveNoErrors(testGateway);
    }

    [Theory]
    [InlineData("/v1/stream?subscribe=index:0001&from=0001-01-01", 400)]
    [InlineData("/v1/stream?subscribe=index:0001&from=9999-12-31T23:59:59Z", 400)]
    [InlineData("/v1/records?subscribe=index:0001&to=9999-12-31T23:59:59Z", 400)]
    [InlineData("/v1/records?subscribe=index:0001&from=0001-01-01T00:00:00Z", 200)]
    [InlineData("/v1/days/9999-12-31?subscribe=index:0001", 404)]
    public async Task The_first_and_the_last_time_have_an_answer(string target, int status)
    {
        await using var testGateway = await OpenAsync();

        (await testGateway.GetAsync(target)).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Chunks_that_cannot_be_read_are_a_mistake_of_the_client_which_is_logged_in_one_line()
    {
        await using var testGateway = await OpenAsync();
        foreach (var path in (string[])["/oauth2/Approval", "/oauth2/tokenP", "/oauth2/revokeP", "/v1/signin"])
        {
            var reply = await testGateway.SendAsync(Encoding.Latin1.GetBytes(
                $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{testGateway.Gateway.Port}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"));

            reply.Status.ShouldBeInRange(400, 499);
            reply.Body.Length.ShouldBeGreaterThan(20, "a sentence");
        }

        var lines = testGateway.Log.Entries.Where(entry => entry.Text.StartsWith("An invalid request", StringComparison.Ordinal)).ToList();
        lines.ShouldNotBeEmpty();
        lines.ShouldAllBe(line => line.Level == LogLevel.Warning && !line.Text.Contains('\n'));
        ShouldHaveNoErrors(testGateway);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void ShouldHaveNoErrors(TestGateway testGateway) =>
        testGateway.Log.Entries.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text)
            .ShouldBeEmpty($"seed {TestRun.Seed}");

    // The paths come from the server's routes and their parameters from its document, so that new endpoints are tested too.
    private static async Task<IReadOnlyList<(string Path, string[] Parameters)>> EndpointsAsync(TestGateway testGateway)
    {
        var paths = (await testGateway.GetAsync("/v1/openapi.json")).Json.GetProperty("paths");
        return [.. testGateway.Gateway.Routes.Select(route => (route, ParametersOf(route)))];

        string[] ParametersOf(string route) => paths.GetProperty(route.Replace("?}", "}", StringComparison.Ordinal)).EnumerateObject()
            .Where(method => method.Value.ValueKind == JsonValueKind.Object && method.Value.TryGetProperty("parameters", out _))
            .SelectMany(method => method.Value.GetProperty("parameters").EnumerateArray())
            .Where(parameter => parameter.TryGetProperty("in", out var place) && place.GetString() == "query")
            .Select(parameter => parameter.GetProperty("name").GetString()!).ToArray();
    }

    private static string RequestOf(string kind, (string Path, string[] Parameters) endpoint, Random random)
    {
        var hostile = kind == "ids" ? s_ids : s_times;
        var path = new StringBuilder();
        foreach (var segment in endpoint.Path.Split('/')[1..])
            path.Append('/').Append(segment.StartsWith('{') ? (random.Next(3) == 0 ? "index" : Pick(random, hostile)) : segment);
        var query = endpoint.Parameters.Where(_ => random.Next(2) == 0).Select(name => $"{name}={ValueOf(name)}").ToList();
        var target = query.Count == 0 ? path.ToString() : $"{path}?{string.Join('&', query)}";
        if (kind is "times" or "ids")
        {
            return $"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                + $"{(kind == "ids" && random.Next(2) == 0 ? $"Last-Event-ID: {Pick(random, s_ids)}\r\n" : "")}Connection: close\r\n\r\n";
        }
        var method = random.Next(4) == 0 ? "GET" : random.Next(4) == 0 ? "PUT" : "POST";
        var body = Pick(random, kind == "chunks" ? s_chunks : s_bodies);
        var length = kind == "chunks"
            ? "Transfer-Encoding: chunked"
            : $"Content-Length: {Encoding.UTF8.GetByteCount(body) + (random.Next(4) == 0 ? random.Next(-3, 20) : 0)}";
        return $"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\nConnection: close\r\n\r\n{body}";

        string ValueOf(string name) => name switch
        {
            "subscribe" => random.Next(2) == 0 ? "index:0001" : Pick(random, s_keys),
            "format" => random.Next(2) == 0 ? "capture" : "json",
            "limit" or "queue" => random.Next(-1, 20).ToString(CultureInfo.InvariantCulture),
            _ => Pick(random, hostile),
        };
    }

    // A connection that is closed without an answer has the status 0.
    private static async Task<(int Status, bool IsStream)> AnswerAsync(TcpClient client, string request, bool endsInput)
    {
        var head = new StringBuilder();
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
            if (endsInput)
                client.Client.Shutdown(SocketShutdown.Send);
            var buffer = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)
                && await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience.Limit) > 0)
            {
                head.Append((char)buffer[0]);
            }
        }
        catch (IOException)
        {
            // The server closed the connection before it had read everything.
        }

        var text = head.ToString();
        var isStream = text.Contains("text/event-stream", StringComparison.Ordinal)
            || (text.Contains("X-Accel-Buffering", StringComparison.Ordinal)
                && text.Contains("text/plain", StringComparison.Ordinal)
                && request.StartsWith("GET /v1/stream", StringComparison.Ordinal));
        return (text.Length < 12 ? 0 : int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), isStream);
    }

    private static string MessageOf(Random random) => random.Next(3) switch
    {
        0 => $"{{\"subscribe\":[\"{Pick(random, s_keys)}\"],\"from\":\"{Uri.UnescapeDataString(Pick(random, s_times))}\"}}",
        1 => $"{{\"subscribe\":[\"{Pick(random, s_keys)}\"],\"from\":\"{Uri.UnescapeDataString(Pick(random, s_ids))}\"}}",
        _ => Pick(random, s_bodies),
    };

    private static string Pick(Random random, string[] texts) => texts[random.Next(texts.Length)];

    private Task<TestGateway> OpenAsync() => TestGateway.OpenAsync(with: options =>
        TestGateway.Recording(options, _folder, ("H0UPCNT0", "0001")) with
        {
            Limits = TestGateway.Unhurried with { RequestsPerSecond = 1_000_000 },
        });
}
