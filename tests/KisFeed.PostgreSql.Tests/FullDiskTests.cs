using System.ComponentModel;
using KisFeed.PostgreSql.Tests.Staging;
using KisFeed.Testing;
using Npgsql;
using Xunit.Abstractions;

namespace KisFeed.PostgreSql.Tests;

/// <summary>A disk of the database that is really full: a small file system in memory, which only root can mount.</summary>
public sealed class FullDiskTests(Database database, ITestOutputHelper output) : SinkTest(database), IClassFixture<Database>
{
    private const int Records = 60_000;

    [Fact]
    public async Task Storing_resumes_after_space_is_freed_and_nothing_is_lost_or_doubled()
    {
        var disk = Path.Combine(Database.Server.Host, "disk");
        Directory.CreateDirectory(disk);
        if (!await TryRunAsync("mount", "-t", "tmpfs", "-o", "size=12m,mode=777", "kisfeed-test", disk))
        {
            output.WriteLine("cannot mount a file system here; the test was skipped");
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.Combine(disk, "space"));
            (await TryRunAsync("chown", "-R", "postgres", disk)).ShouldBeTrue();
            await FillAndFreeAsync(disk);
        }
        finally
        {
            await Database.QueryAsync($"DROP SCHEMA IF EXISTS {Schema} CASCADE");
            await Database.QueryAsync("DROP TABLESPACE IF EXISTS small");
            (await TryRunAsync("umount", disk)).ShouldBeTrue();
        }
    }

    private async Task FillAndFreeAsync(string disk)
    {
        await using (var connection = new NpgsqlConnection($"{Database.ConnectionString};Pooling=false"))
        {
            // Not allowed together with other statements.
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand($"CREATE TABLESPACE small LOCATION '{Path.Combine(disk, "space")}'", connection);
            await command.ExecuteNonQueryAsync();
        }

        WriteIndexTrades(0, Records);
        await using var sink = PostgreSqlSink.Start(Options with { ConnectionString = $"{Database.ConnectionString};Options=-c default_tablespace=small", MaxBatchText = 300_000 });
        await Patience.UntilAsync(() => sink.Status.Problem?.Contains("53100", StringComparison.Ordinal) == true && sink.Status.Failures > 3);
        var full = sink.Status;
        (await TryRunAsync("mount", "-o", "remount,size=200m", disk)).ShouldBeTrue();
        await sink.Completion.WaitAsync(Patience.Limit);

        output.WriteLine($"full after {full.Records} records, {full.Failures} failures: {full.Problem}");
        full.Records.ShouldBeInRange(1, Records - 1);
        (sink.Status.Records, sink.Status.Problem, sink.Status.Duplicates).ShouldBe((Records, null, 0));
        await ShouldHaveIndexTradesAsync(Records);
    }

    private static async Task<bool> TryRunAsync(string program, params string[] arguments)
    {
        try
        {
            await ProcessRunner.RunAsync(program, arguments, Patience.Limit);
            return true;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }
}
