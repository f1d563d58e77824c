using System.Text.Unicode;
using KisFeed.Wire.Control;

namespace KisFeed.Simulator.Tests.Server.Faults;

/// <summary>Malformed messages do not affect the data between them.</summary>
public sealed class BrokenMessageTests
{
    private const string Bond = "KR103502GA34";

    private static readonly SimulatorOptions s_fast = new() { Rate = double.PositiveInfinity, Seed = 7 };

    [Fact]
    public async Task A_frame_with_invalid_UTF_8_follows_each_valid_one()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast with { Faults = new SimulatorFaults { BadUtf8 = 1 } });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0BJCNT0", Bond);
        List<string> records = [];
        for (var i = 0; i < 100; i++)
        {
            var valid = (await client.ReceiveAsync()).ShouldNotBeNull();
            records.AddRange(MarketRecords.In(valid.Payload, "H0BJCNT0", columns: 19).ShouldNotBeNull());
            var invalid = (await client.ReceiveAsync()).ShouldNotBeNull();

            invalid.Opcode.ShouldBe(RawClient.Text);
            Utf8.IsValid(invalid.Payload).ShouldBeFalse();
            invalid.Payload.Length.ShouldBe(valid.Payload.Length);
            invalid.Payload.Zip(valid.Payload).Count(pair => pair.First != pair.Second).ShouldBe(1);
            invalid.Payload[.."0|H0BJCNT0|001|".Length].ShouldBe(valid.Payload[.."0|H0BJCNT0|001|".Length]);
        }

        records.ShouldBe(MarketRecords.Of(7, "H0BJCNT0", Bond, records.Count));
    }

    [Fact]
    public async Task Garbage_is_sent_between_valid_frames()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast with { Faults = new SimulatorFaults { Garbage = 0.5 } });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0BJCNT0", Bond);
        List<string> records = [];
        List<string> garbage = [];
        for (var i = 0; i < 600; i++)
        {
            var (opcode, message) = (await client.ReceiveAsync()).ShouldNotBeNull();
            opcode.ShouldBe(RawClient.Text);
            if (MarketRecords.In(message, "H0BJCNT0", columns: 19) is { } valid)
                records.AddRange(valid);
            else
                garbage.Add(Encoding.UTF8.GetString(message));
        }

        records.ShouldBe(MarketRecords.Of(7, "H0BJCNT0", Bond, records.Count));
        garbage.Count.ShouldBeInRange(150, 250);
        garbage.ShouldContain("", StringComparer.Ordinal);
        garbage.ShouldContain("0|H0NOSUCH|001|a^b^c", StringComparer.Ordinal);
        garbage.ShouldContain("0|H0BJCNT0|001", StringComparer.Ordinal);
        garbage.ShouldContain(text => text.StartsWith("0|H0BJCNT0|9999|KR", StringComparison.Ordinal));
        garbage.ShouldContain(text => text.StartsWith("0|H0BJCNT0|many|KR", StringComparison.Ordinal));
        garbage.ShouldContain(text => text.StartsWith("{\"header\"", StringComparison.Ordinal) && !text.EndsWith('}'));
        garbage.ShouldContain(text => text.Length > 0 && char.IsLetter(text[0]));
    }

    [Fact]
    public async Task Columns_are_appended_to_every_record()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast with { Faults = new SimulatorFaults { GrowColumns = 2 } });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.RegisterAsync(server.RestUrl, "H0NXPGM0", "005930");
        List<string> records = [];
        var largest = 0;
        for (var i = 0; i < 100; i++)
        {
            var batch = MarketRecords.In((await client.ReceiveAsync()).ShouldNotBeNull().Payload, "H0NXPGM0", columns: 11 + 2)
                .ShouldNotBeNull();
            largest = Math.Max(largest, batch.Count);
            records.AddRange(batch);
        }

        largest.ShouldBeGreaterThan(1);
        records.ShouldBe(MarketRecords.Of(7, "H0NXPGM0", "005930", records.Count).Select(record => record + "^0^0"));
    }

    [Fact]
    public async Task Columns_are_appended_to_notices_before_encryption()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast with { Faults = new SimulatorFaults { GrowColumns = 3 } });
        await using var client = await FeedClient.ConnectAsync(server.WebSocketUrl);
        using var cipher = new NoticeCipher((await client.RegisterAsync("H0IFCNI0", "anna")).NoticeKey!);
        DataFrame.TryParse(Encoding.UTF8.GetBytes(await client.ReceiveFrameAsync()), out var frame, out _).ShouldBeTrue();
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        cipher.TryDecrypt(frame, output, out _).ShouldBeTrue();

        var fields = Encoding.UTF8.GetString(output.WrittenSpan).Split('^');

        fields.Length.ShouldBe(22 + 3);
        fields[^3..].ShouldBe(["0", "0", "0"]);
    }

    [Fact]
    public async Task Messages_are_fragmented_also_within_characters()
    {
        await using var server = await SimulatorServer.StartAsync(s_fast with { Faults = new SimulatorFaults { SplitFrames = true } });
        await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
        await client.SendTextAsync(FeedClient.Request(await RestClient.ApprovalKeyAsync(server.RestUrl), "1", "H0BJCNT0", Bond));
        FeedClient.Parse(Encoding.UTF8.GetString(Joined(await ReceiveMessageAsync(client)))).IsSuccess.ShouldBeTrue();
        List<string> records = [];
        var withinCharacters = 0;
        for (var i = 0; i < 200; i++)
        {
            var fragments = await ReceiveMessageAsync(client);
            fragments.Count.ShouldBeInRange(2, 4);
            withinCharacters += fragments.Exists(fragment => !Utf8.IsValid(fragment)) ? 1 : 0;
            records.AddRange(MarketRecords.In(Joined(fragments), "H0BJCNT0", columns: 19).ShouldNotBeNull());
        }

        withinCharacters.ShouldBeGreaterThan(0);
        records.ShouldBe(MarketRecords.Of(7, "H0BJCNT0", Bond, records.Count));
    }

    [Fact]
    public async Task Faults_can_be_combined_and_are_determined_by_the_seed()
    {
        var faults = SimulatorFaults.Parse("bad-utf8=0.2", "garbage=0.3", "split-frames", "grow-columns=1", "drop-after=300");
        var first = await ReceiveAllAsync(seed: 7);

        first.Count(message => MarketRecords.In(message, "H0BJCNT0", columns: 20) is not null && Utf8.IsValid(message)).ShouldBe(300);
        first.Count.ShouldBeGreaterThan(400);
        var second = await ReceiveAllAsync(seed: 7);
        second.Count.ShouldBe(first.Count);
        Enumerable.Range(0, first.Count).Where(i => !second[i].SequenceEqual(first[i])).ShouldBeEmpty("messages that differ");
        (await ReceiveAllAsync(seed: 8)).Count.ShouldNotBe(first.Count);

        async Task<List<byte[]>> ReceiveAllAsync(int seed)
        {
            await using var server = await SimulatorServer.StartAsync(s_fast with { Seed = seed, Faults = faults });
            await using var client = await RawClient.ConnectAsync(server.WebSocketUrl);
            await client.SendTextAsync(FeedClient.Request(await RestClient.ApprovalKeyAsync(server.RestUrl), "1", "H0BJCNT0", Bond));
            await ReceiveMessageAsync(client);
            List<byte[]> messages = [];
            while (await ReceiveMessageAsync(client) is { Count: > 0 } message)
                messages.Add(Joined(message));
            return messages;
        }
    }

    private static byte[] Joined(List<byte[]> fragments) => [.. fragments.SelectMany(fragment => fragment)];

    // The fragments of a message; empty if the connection has ended.
    private static async Task<List<byte[]>> ReceiveMessageAsync(RawClient client)
    {
        List<byte[]> fragments = [];
        while (await client.ReceiveFragmentAsync() is { } fragment)
        {
            fragment.Opcode.ShouldBe(fragments.Count == 0 ? RawClient.Text : (byte)0);
            fragments.Add(fragment.Payload);
            if (fragment.IsFinal)
                return fragments;
        }

        fragments.ShouldBeEmpty("a message was incomplete");
        return fragments;
    }
}
