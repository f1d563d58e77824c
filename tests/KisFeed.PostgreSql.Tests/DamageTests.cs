using KisFeed.TestSupport;
using System.Text;
using KisFeed.Capture.Tests;
using KisFeed.PostgreSql.Tests.Staging;

namespace KisFeed.PostgreSql.Tests;

/// <summary>Gaps and unreadable data become rows; order notices only on request.</summary>
[Trait(TestRun.Length, TestRun.Long)]
[Collection(nameof(Database))]
public sealed class DamageTests(Database database) : SinkTest(database)
{
    [Fact]
    public async Task Gaps_and_interruptions_are_rows()
    {
        using (var writer = Folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.At(1));
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Interrupted,
                At = Ticks.At(10),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.ConnectionLost,
            });
            writer.Write(new CaptureEvent
            {
                Kind = CaptureEventKind.Gap,
                At = Ticks.At(20),
                TrId = "H0UPCNT0",
                Key = "0001",
                Reason = GapReason.ConnectionLost,
                From = Ticks.At(1),
                To = Ticks.At(21),
                Frames = 7,
            });
            writer.Write("H0UPCNT0", Ticks.Index(21), Ticks.At(21));
            writer.Write(new CaptureEvent { Kind = CaptureEventKind.Malformed, At = Ticks.At(22), TrId = "H0UPCNT0", Text = "control" });
            writer.Close();
        }

        await StoreAsync();

        (await QueryAsync("SELECT event, feed, key, reason, to_char(since, 'HH24:MI:SS.MS'), to_char(until, 'HH24:MI:SS.MS'), frames "
            + "FROM gap ORDER BY position, line")).ShouldBe(
        [
            "start|H0UPCNT0||notRecorded||00:00:00.001|",
            "interrupted|H0UPCNT0|0001|connectionLost|00:00:00.010||",
            "gap|H0UPCNT0|0001|connectionLost|00:00:00.001|00:00:00.021|7",
        ]);
        (await QueryAsync("SELECT feed, kind, text, raw FROM malformed")).ShouldBe(["H0UPCNT0|withheld|control|"]);
    }

    [Fact]
    public async Task Unreadable_frames_records_and_blocks_are_rows_with_their_bytes()
    {
        var wrong = Ticks.IndexRecord(3).Replace("2624.54", "26x4.54", StringComparison.Ordinal);
        string[] frames =
        [
            $"0|H0UPCNT0|003|{Ticks.IndexRecord(1)}^{wrong}^{Ticks.IndexRecord(2)}",
            "0|H0UPCNT0|001|a^b",
            "not a frame",
            $"0|H0UPCNT0|001|{Ticks.IndexRecord(4, "a\0b")}",
            $"0|H0UPCNT0|001|{Ticks.IndexRecord(5, new string('k', 600))}",
        ];
        using (var writer = Folder.Write())
        {
            foreach (var (i, frame) in frames.Index())
                writer.Write("H0UPCNT0", Encoding.UTF8.GetBytes(frame), Ticks.At(i));
            writer.Write("UNKNOWN", "0|H0NEW000|001|secret"u8, Ticks.At(6));
            writer.Flush();
            writer.Write("H0UPCNT0", Ticks.Index(6), Ticks.At(7));
            writer.Flush();
            writer.Write("H0UPCNT0", Ticks.Index(7), Ticks.At(8));
            writer.Close();
        }

        // The second of three blocks.
        var path = Folder.Files.Single(file => file.Contains("H0UPCNT0", StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^200] ^= 0x10;
        await File.WriteAllBytesAsync(path, bytes);

        var status = await StoreAsync();

        (status.Malformed, status.Failures).ShouldBe((7, 0));
        (await QueryAsync("SELECT accumulated_volume, record FROM index_trade ORDER BY id, record")).Take(2).ShouldBe(["1|1", "2|3"]);
        (await QueryAsync("SELECT kind, record, encode(raw, 'escape') FROM malformed ORDER BY feed, position, line, record")).ShouldBe(
        [
            $"invalidNumber|2|{wrong}",
            $"tooFewFields|0|{frames[1]}",
            $"unknownFlag|0|{frames[2]}",
            $"notStorable|1|{Ticks.IndexRecord(4, @"a\000b")}",
            $"notStorable|1|{Ticks.IndexRecord(5, new string('k', 600))}",
            "corrupt|0|",
            "unknownTrId|0|",
        ]);
        (await QueryAsync("SELECT event, reason FROM gap WHERE event <> 'start'")).ShouldBe(["damage|unreadable"]);
        (await StoreAsync()).Malformed.ShouldBe(0);
    }

    [Fact]
    public async Task Order_notices_are_stored_only_on_request()
    {
        using (var writer = Folder.Write())
        {
            writer.Write("H0IFCNI0", Ticks.Notice(1), Ticks.At(1));
            writer.Write("H0IFCNI0", "0|H0IFCNI0|001|KIM1234^secret"u8, Ticks.At(2));
            writer.Write("H0UPCNT0", Ticks.Notice(2), Ticks.At(3));
            writer.Write("UNKNOWN", "0|H0NEW000|001|secret"u8, Ticks.At(4));
            writer.Close();
        }

        await StoreAsync();

        var tables = await QueryAsync($"SELECT table_name::text FROM information_schema.tables WHERE table_schema = '{Schema}'");
        tables.ShouldNotContain(name => name.Contains("notice", StringComparison.Ordinal));
        (await QueryAsync("SELECT feed, raw FROM malformed")).ShouldBe(["UNKNOWN|"]);
        (await QueryAsync("SELECT count(*) FROM checkpoint WHERE feed = 'H0IFCNI0'")).ShouldBe(["0"]);

        await StoreAsync(options => options with { Notices = true });

        (await QueryAsync("SELECT key, account_number FROM order_notice")).ShouldBe(["KIM1234|1234567803"]);
        (await QueryAsync("SELECT convert_from(raw, 'UTF8') FROM malformed WHERE feed = 'H0IFCNI0'"))
            .ShouldBe(["0|H0IFCNI0|001|KIM1234^secret"]);
    }
}
