using System.Net.Http.Json;
using System.Text.RegularExpressions;

namespace KisFeed.Cli.Tests;

/// <summary>The samples that are not C#, with a gateway that simulates and records, and the data that they get from it.</summary>
public sealed partial class SamplesTests : IAsyncLifetime
{
    private const int Limit = 5_000;

    private static readonly string s_samples = Path.Combine(RepositoryRoot.Path, "samples");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-samples-");
    private readonly HttpClient _http = new();
    private RunningCommand? _gateway;
    private Uri? _url;

    public async ValueTask InitializeAsync()
    {
        _gateway = RunningCommand.Start(
            new Dictionary<string, string>(StringComparer.Ordinal),
            "gateway", "--simulate", "--port", "0", "--record", _folder.FullName, "--keep", "index:0001");
        await _gateway.WaitForErrorAsync("http://127.0.0.1:");
        _url = new Uri(GatewayUrl().Match(_gateway.Error).Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway!.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Node_prints_each_record_of_the_stream_once_and_in_order()
    {
        await using var node = ProcessRunner.Start("node", [Path.Combine(s_samples, "node/prices.mjs"), "index:0001", _url!.ToString()]);
        var printed = new List<JsonElement>();
        while (printed.Count < 20)
            printed.Add(JsonElement.Parse(await node.ReadLineAsync(Patience.Limit)));
        await node.SignalAsync("TERM");
        (await node.WaitForExitAsync(Patience.Limit)).ShouldBe(0, node.Report);

        // The recording has the same records, once they are written.
        var from = Uri.EscapeDataString(printed[0].GetProperty("receivedAt").GetString()!);
        List<string> recorded;
        do
        {
            var page = await _http.GetFromJsonAsync<JsonElement>(new Uri(_url, $"v1/records?subscribe=index:0001&from={from}"));
            recorded = [.. page.GetProperty("items").EnumerateArray().Where(i => i.TryGetProperty("price", out _)).Select(WithoutId)];
        }
        while (recorded.Count < printed.Count);
        printed.Select(WithoutId).ShouldBe(recorded.Take(printed.Count));

        static string WithoutId(JsonElement item) =>
            string.Join(' ', item.EnumerateObject().Where(m => m.Name != "id").Select(m => m.Value.ToString()));
    }

    [Fact]
    public async Task The_query_for_Excel_names_columns_that_the_gateway_sends()
    {
        var query = await File.ReadAllTextAsync(Path.Combine(s_samples, "excel/kisfeed.pq"), TestContext.Current.CancellationToken);
        var address = $"{Variable("RelativePath")}?subscribe={Variable("Key")}&from={Variable("From")}&limit={Variable("limit")}"
            + $"&format={Variable("format")}";
        string[] lines;
        do
            lines = (await _http.GetStringAsync(new Uri(_url!, address))).Split("\n", StringSplitOptions.RemoveEmptyEntries);
        while (lines.Length < 2); // The first record is not recorded yet.
        var header = lines[0].TrimEnd('\r').Split(',');
        var columns = TypedColumn().Matches(query).Select(m => m.Groups["name"].Value).ToArray();
        columns.Length.ShouldBeGreaterThan(3);
        columns.Except(header, StringComparer.Ordinal).ShouldBeEmpty();

        string Variable(string name) => Assignment().Matches(query).Single(m => m.Groups["name"].Value == name).Groups["value"].Value;
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Prometheus_answers_every_query_of_the_Grafana_dashboard()
    {
        var samples = Path.Combine(s_samples, "grafana");
        var configuration = Path.Combine(_folder.FullName, "prometheus.yml");
        using var port = ReservedPort.Take();
        await File.WriteAllTextAsync(
            configuration,
            (await File.ReadAllTextAsync(Path.Combine(samples, "prometheus.yml"), TestContext.Current.CancellationToken))
                .Replace("127.0.0.1:21000", _url!.Authority, StringComparison.Ordinal)
                .Replace("scrape_interval: 5s", "scrape_interval: 1s", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        await using var prometheus = ProcessRunner.Start(
            "prometheus",
            [
                $"--config.file={configuration}", $"--storage.tsdb.path={Path.Combine(_folder.FullName, "tsdb")}",
                $"--web.listen-address=127.0.0.1:{port.Number}",
            ]);
        var dashboard = JsonElement.Parse(await File.ReadAllTextAsync(
            Path.Combine(samples, "dashboards/kisfeed.json"), TestContext.Current.CancellationToken));
        var queries = dashboard.GetProperty("panels").EnumerateArray()
            .SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!).ToArray();
        queries.Length.ShouldBeGreaterThan(8);
        foreach (var query in queries)
            (await ResultsAsync(port.Number, query)).ShouldBeGreaterThan(0, query);
    }

    // A rate needs two readings. A counter that has never counted has no series, except the ones that the gateway always has.
    private async Task<int> ResultsAsync(int port, string query)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            try
            {
                using var answer = await _http.GetAsync(
                    new Uri($"http://127.0.0.1:{port}/api/v1/query?query={Uri.EscapeDataString(query)}"), timeout.Token);
                var content = await answer.Content.ReadAsStringAsync(timeout.Token);
                answer.StatusCode.ShouldNotBe(System.Net.HttpStatusCode.BadRequest, $"{query}: {content}");
                if (answer.IsSuccessStatusCode
                    && JsonElement.Parse(content).GetProperty("data").GetProperty("result").GetArrayLength() is > 0 and var results)
                {
                    return results;
                }
            }
            catch (HttpRequestException)
            {
                // Prometheus is starting.
            }

            await Task.Delay(100, timeout.Token);
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+", RegexOptions.None, Limit)]
    private static partial Regex GatewayUrl();

    [GeneratedRegex(@"(?<name>\w+) = ""(?<value>[^""]+)""", RegexOptions.ExplicitCapture, Limit)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"\{""(?<name>\w+)"", ", RegexOptions.ExplicitCapture, Limit)]
    private static partial Regex TypedColumn();
}
