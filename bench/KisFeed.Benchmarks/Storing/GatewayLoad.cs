using System.Globalization;
using KisFeed.Benchmarks.Comparing;
using KisFeed.Benchmarks.Memory;
using KisFeed.TestSupport;

namespace KisFeed.Benchmarks.Storing;

/// <summary>A gateway that receives an exact rate of frames: alone, recording, and storing its recording.</summary>
internal sealed class GatewayLoad(PostgresServer server, string folder, bool isBrief)
{
    public const int Rate = 20_000;
    public const string Cores = "cores of the gateway";
    public const string Stored = "records a second stored";

    // More arguments than those that make it record name a database.
    private const int ArgumentsToRecord = 2;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);

    private static readonly string[] s_keys =
    [
        .. Enumerable.Range(0, 8)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"H0UPCNT0:{(i < 2 ? (i * 1000) + 1 : 3000 + i):D4}")),
        .. Enumerable.Range(0, 12).Select(i => string.Create(CultureInfo.InvariantCulture, $"H0BJCNT0:KR10350{i:D5}")),
        .. ((string[])["005930", "000660", "035420", "005380"])
            .SelectMany(stock => (string[])[$"H0STPGM0:{stock}", $"H0NXPGM0:{stock}", $"H0UNPGM0:{stock}"]),
    ];

    // Registrations, compilation, and the first blocks of files.
    private readonly TimeSpan _lead = TimeSpan.FromSeconds(isBrief ? 1 : 4);
    private readonly TimeSpan _duration = TimeSpan.FromSeconds(isBrief ? 1 : 8);

    public Task<IReadOnlyList<Figure>> AloneAsync(CancellationToken cancellationToken) => MeasureAsync([], cancellationToken);

    public Task<IReadOnlyList<Figure>> RecordingAsync(CancellationToken cancellationToken) =>
        MeasureAsync(["--record", NewFolder()], cancellationToken);

    public Task<IReadOnlyList<Figure>> StoringAsync(CancellationToken cancellationToken) =>
        MeasureAsync(
            ["--record", NewFolder(), "--sink", $"postgres://{PostgresServer.Name}@/{PostgresServer.Name}?host={server.Host}"],
            cancellationToken);

    private string NewFolder() => Path.Combine(folder, Guid.NewGuid().ToString("N"));

    private async Task<IReadOnlyList<Figure>> MeasureAsync(string[] more, CancellationToken cancellationToken)
    {
        await server.QueryAsync("DROP SCHEMA IF EXISTS kisfeed CASCADE; CHECKPOINT");
        await using var market = await ServerProcess.StartOwnAsync(
            [PacedMarketCommand.Word, Rate.ToString(CultureInfo.InvariantCulture)], cancellationToken);
        await using var gateway = await ServerProcess.StartKisFeedAsync(
            [
                "gateway", "--port", "0", "--format", "json", "--keep", string.Join(',', s_keys), "--insecure-no-tokens", "--log", "error",
                "--duration", "10m", .. more,
            ],
            [
                ("KISFEED_URL", market.Url.ToString()),
                ("KISFEED_APPKEY", "STORINGAPPKEY00000000000000000000000"),
                ("KISFEED_APPSECRET", new string('s', 180)),
            ],
            cancellationToken);
        await Task.Delay(_lead, cancellationToken);
        while (more.Length > ArgumentsToRecord && (await server.QueryAsync("SELECT to_regclass('kisfeed.checkpoint') IS NULL"))[0] == "t")
            await Task.Delay(s_poll, cancellationToken); // A busy machine creates the schema later.
        var before = await SnapshotAsync(gateway, more.Length);
        await Task.Delay(_duration, cancellationToken);
        var after = await SnapshotAsync(gateway, more.Length);
        var seconds = (after.At - before.At).TotalSeconds;
        return
        [
            new(Cores, "", (after.Gateway - before.Gateway).TotalSeconds / seconds),
            new("of PostgreSQL", "", (after.Server - before.Server).TotalSeconds / seconds),
            new(Stored, "", (after.Records - before.Records) / seconds),
            new("memory of the gateway", "MiB", gateway.Process.Memory("VmRSS") / (1024.0 * 1024)),
        ];
    }

    private async Task<Snapshot> SnapshotAsync(ServerProcess gateway, int options)
    {
        var records = options > ArgumentsToRecord
            ? long.Parse(
                (await server.QueryAsync("SELECT coalesce(sum(rows), 0) FROM kisfeed.checkpoint"))[0], CultureInfo.InvariantCulture)
            : 0;
        return new Snapshot(
            TimeProvider.System.GetUtcNow(), gateway.Process.ProcessorTime, PostgresProcesses.ProcessorTime(server.ProcessId), records);
    }

    private sealed record Snapshot(DateTimeOffset At, TimeSpan Gateway, TimeSpan Server, long Records);
}
