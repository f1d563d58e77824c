using System.Globalization;
using KisFeed.Capture;
using KisFeed.Gateway.Tests.Broker;
using KisFeed.Gateway.Tests.Streaming;
using KisFeed.Gateway.Tests.Web;
using KisFeed.PostgreSql;
using KisFeed.Simulator;

namespace KisFeed.Gateway.Tests.History;

/// <summary>The past where the folder of the recording does not reach back: from PostgreSQL.</summary>
public sealed class ArchiveStreamTests(ITestOutputHelper report) : IDisposable
{
    private const int Steps = 30;

    private static readonly (string TrId, string Key)[] s_keys = [("H0UPCNT0", "0001"), ("H0UPCNT0", "1001"), ("H0NXPGM0", "005930")];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kisfeed-archive-");
    private readonly DirectoryInfo _removed = Directory.CreateTempSubdirectory("kisfeed-removed-");
    private int _files;

    /// <summary><c>KISFEED_ARCHIVE_SEED</c> and <c>KISFEED_ARCHIVE_STEPS</c> repeat a run or make it longer.</summary>
    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Streams_join_the_database_the_folder_and_the_present_whatever_happens()
    {
        var seed = TestRun.SeedFrom("KISFEED_ARCHIVE_SEED");
        var steps = Math.Max(10, TestRun.Of(Steps, "KISFEED_ARCHIVE_STEPS"));
        var random = new Random(seed);
        await using var postgres = await PostgresServer.StartAsync();
        await using var archive = new PostgreSqlArchive(OptionsOf(postgres));
        // Slow enough that a stream on a busy machine still reads faster than the recording grows.
        await using var testGateway = await OpenAsync(postgres, 500, seed);
        var begin = DateTimeOffset.UtcNow;
        var followers = new List<StreamFollower>();
        await testGateway.UntilRecordedAsync(300);
        for (var step = 0; step < steps; step++)
        {
            switch (random.Next(10))
            {
                case 0 or 1:
                    followers.Add(StreamFollower.Any(testGateway, s_keys, begin, random));
                    break;
                case 2:
                    testGateway.Simulator.DropConnections();
                    break;
                case 3 when step % 3 == 0:
                    await testGateway.RestartGatewayAsync();
                    break;
                case 4 or 5:
                    await RemoveStoredAsync(archive);
                    break;
                case 6 when step % 2 == 0:
                    await postgres.KillAsync();
                    await postgres.RestartAsync();
                    break;
                case 7 when followers.Count > 0:
                    await followers[random.Next(followers.Count)].CatchUpAsync();
                    break;
                case var _ when followers.Count > 0:
                    await followers[random.Next(followers.Count)].ReadAsync(random.Next(1, 1_000));
                    break;
            }
        }

        await Patience.UntilAsync(async () =>
        {
            await RemoveStoredAsync(archive);
            return _files > 0;
        });
        followers.Add(new StreamFollower(testGateway, s_keys, begin));
        foreach (var follower in followers)
        {
            await follower.BreakAsync();
            await follower.ReadAsync(500);
        }

        await followers[^1].CatchUpAsync();
        await testGateway.Gateway.DisposeAsync();
        MoveAll(_folder.FullName, _removed.FullName, _ => true);
        var recorded = await RecordedKeys.ReadAsync(_removed.FullName);
        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {followers.Count} streams, "
            + $"{followers.Sum(follower => follower.Records)} records, {_files} files removed from the folder"));
        _files.ShouldBeGreaterThan(0);
        await HistoryFollower.CheckAllAsync(followers, recorded, seed);
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Without_the_database_only_what_the_folder_does_not_have_is_an_error()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var archive = new PostgreSqlArchive(OptionsOf(postgres));
        await using var testGateway = await OpenAsync(postgres, 3_000);
        var begin = Text(DateTimeOffset.UtcNow);
        await Patience.UntilAsync(() => RemoveFirstAsync(archive));
        var day = DateOnly.FromDateTime(DateTimeOffset.UtcNow.ToOffset(TimeSpan.FromHours(9)).DateTime).AddDays(-1)
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        (await testGateway.GetAsync($"/v1/records?subscribe=index:0001&from={begin}&limit=1")).Status.ShouldBe(200);

        await postgres.KillAsync();

        foreach (var path in (string[])[$"/v1/records?subscribe=index:0001&from={begin}",
            $"/v1/stream?subscribe=index:0001&from={begin}",
            $"/v1/days/{day}?subscribe=index:0001"])
        {
            var reply = await testGateway.GetAsync(path);
            reply.ShouldBeProblem(503, "historyUnavailable");
            reply.Headers.ShouldContainKey("Retry-After");
            reply.Body.ShouldNotContain(postgres.Host);
        }

        // Until a file of the folder begins before this time. A page without records is read from no file.
        var from = DateTimeOffset.UtcNow;
        await Patience.UntilAsync(async () =>
        {
            var reply = await testGateway.GetAsync($"/v1/records?subscribe=index:0001&limit=1&from={Text(from)}");
            if (reply.Status != 200)
                from = DateTimeOffset.UtcNow;
            return reply.Body.Contains("\"key\":\"0001\"", StringComparison.Ordinal);
        });
        await using var follower = new StreamFollower(testGateway, [("H0UPCNT0", "0001")], from);
        await follower.CatchUpAsync();
        (await testGateway.GetAsync("/v1/days")).Status.ShouldBe(200);
        (await testGateway.GetAsync("/v1/history/index/0001")).Status.ShouldBe(200);
    }

    [Fact]
    [Trait(TestRun.Length, TestRun.Long)]
    public async Task Without_the_database_the_folder_is_read_from_its_first_line_and_a_WebSocket_is_refused_more()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var archive = new PostgreSqlArchive(OptionsOf(postgres));
        await using var testGateway = await OpenAsync(postgres, 1_000);
        var begin = Text(DateTimeOffset.UtcNow);
        await Patience.UntilAsync(() => RemoveFirstAsync(archive));
        await using var socket = await SocketClient.OpenAsync(testGateway.Gateway, "subscribe=index:1001");
        await socket.UntilAsync("record");

        // Its killed processes may still answer for a moment.
        await postgres.KillAsync();
        await Patience.UntilAsync(async () =>
            (await testGateway.GetAsync($"/v1/records?subscribe=index:0001&limit=1&from={begin}")).Status == 503);

        var first = CaptureReader.Open(
            Directory.EnumerateFiles(_folder.FullName, "H0UPCNT0-*.log.gz", SearchOption.AllDirectories)).Files[0].FirstAt!.Value;
        (await testGateway.GetAsync($"/v1/records?subscribe=index:0001&limit=1&from={Text(first)}")).Status.ShouldBe(200);
        (await testGateway.GetAsync($"/v1/records?subscribe=index:0001&limit=1&from={Text(first.AddTicks(-1))}")).Status.ShouldBe(503);
        await socket.SendAsync($$"""{"subscribe":["index:0001"],"from":"{{begin}}"}""");
        (await socket.UntilAsync("refused")).Text("reason")!.ShouldContain("only in the database");
        await socket.UntilAsync("record");
        await socket.SendAsync($$"""{"subscribe":["index:0001"],"from":"{{Text(first)}}"}""");
        await socket.UntilAsync("live");
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _removed.Delete(recursive: true);
    }

    private static string Text(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    // The folder does not reach back to the beginning of the index any more. Other feeds have larger records, and files are full sooner.
    private async Task<bool> RemoveFirstAsync(PostgreSqlArchive archive) =>
        await RemoveStoredAsync(archive) > 0
        && Directory.EnumerateFiles(_removed.FullName, "H0UPCNT0-*.log.gz", SearchOption.AllDirectories).Any();

    // As retention does: the oldest files, never the newest of a feed. Returns their number.
    private async Task<int> RemoveStoredAsync(PostgreSqlArchive archive)
    {
        var closed = Directory.EnumerateFiles(_folder.FullName, "*.log.gz", SearchOption.AllDirectories)
            .GroupBy(path => Path.GetFileName(path).Split('-')[0], StringComparer.Ordinal)
            .SelectMany(feed => feed.OrderBy(path => File.GetCreationTimeUtc(path)).ThenBy(path => path.Length)
                .ThenBy(path => path, StringComparer.Ordinal).SkipLast(1))
            .ToHashSet(StringComparer.Ordinal);
        if (closed.Count == 0)
            return 0;
        var lengths = closed.ToDictionary(
            path => $"{Path.GetFileName(Path.GetDirectoryName(path))}/{Path.GetFileName(path)}",
            path => new FileInfo(path).Length,
            StringComparer.Ordinal);
        await Patience.UntilAsync(async () =>
        {
            var stored = await archive.FindAsync(
                [.. s_keys.Select(key => key.TrId)],
                DateOnly.MinValue.AddYears(2000),
                DateOnly.MinValue.AddYears(3000),
                CancellationToken.None);
            return lengths.All(file => stored.Any(found => found.Name == file.Key && found.Length == file.Value));
        });
        MoveAll(_folder.FullName, _removed.FullName, closed.Contains);
        _files += closed.Count;
        return closed.Count;
    }

    private static void MoveAll(string from, string to, Func<string, bool> includes)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*.log.gz", SearchOption.AllDirectories).Where(includes).ToList())
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(path, target);
        }
    }

    private PostgreSqlSinkOptions OptionsOf(PostgresServer postgres) => new()
    {
        ConnectionString = $"Host={postgres.Host};Database={PostgresServer.Name};Username={PostgresServer.Name}",
        Directory = _folder.FullName,
        PollInterval = TimeSpan.FromMilliseconds(50),
        RetryInterval = TimeSpan.FromMilliseconds(20),
        MaxRetryInterval = TimeSpan.FromMilliseconds(100),
    };

    private Task<TestGateway> OpenAsync(PostgresServer postgres, double rate, int seed = 1) => TestGateway.OpenAsync(
        new SimulatorOptions { Rate = rate, Seed = seed },
        options =>
        {
            options = TestGateway.Recording(options, _folder, s_keys);
            return options with
            {
                Recording = options.Recording! with { FlushInterval = TimeSpan.FromMilliseconds(100) },
                OpenSink = _ => PostgreSqlSink.Start(OptionsOf(postgres)),
            };
        });
}
