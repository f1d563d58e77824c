using KisFeed.Feeds;
using KisFeed.Simulator;
using KisFeed.TestSupport;

namespace KisFeed.Testing.Tests;

/// <summary>
/// The same frames, with the same losses, give the same items through the in-memory client as through a simulator and a real client.
/// </summary>
public sealed class EquivalenceTests
{
    private const int ItemsBetweenLosses = 40;

    private static readonly string[] s_keys = ["0001", "1001"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_are_equal_record_by_record()
    {
        List<FrameItem> tapped = [];
        var received = await ReceiveAsync(tapped);

        await using var client = new InMemoryKisFeedClient();
        var replayed = new List<Task<List<string>>>();
        foreach (var key in s_keys)
            replayed.Add(ReadAsync(await client.SubscribeAsync(IndexTrade.Feed, key, cancellationToken: Cancellation), []));
        foreach (var item in tapped)
            Play(client, item);
        client.Complete();

        for (var i = 0; i < s_keys.Length; i++)
        {
            // The tap has a few frames before and after.
            var items = await replayed[i];
            var first = items.IndexOf(received[i][0]);
            first.ShouldBeGreaterThanOrEqualTo(0);
            var (expected, actual) = received[i].Zip(items.Skip(first)).FirstOrDefault(pair => pair.First != pair.Second);
            actual.ShouldBe(expected);
            items.Count.ShouldBeGreaterThanOrEqualTo(first + received[i].Count);
            received[i].Count(text => text.StartsWith("gap", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(2);
        }
    }

    private static async Task<List<string>[]> ReceiveAsync(List<FrameItem> tapped)
    {
        await using var server = await SimulatorServer.StartAsync(
            new SimulatorOptions { Rate = 400, Faults = new SimulatorFaults { MixedKeys = true, BadUtf8 = 0.9 } }, Cancellation);
        await using var client = await KisFeedClient.ConnectAsync(
            new KisFeedOptions
            {
                AppKey = "SIMULATORAPPKEY000000000000000000000",
                AppSecret = "SIMULATORAPPSECRET0000000000000000000000000000000000",
                WebSocketUrl = server.WebSocketUrl,
                Reconnect = new ReconnectPolicy { InitialDelay = TimeSpan.FromMilliseconds(10) },
            },
            Cancellation);
        var tap = client.OpenTap();
        var tapping = ReadAsync(tap, tapped);
        List<string>[] received = [.. s_keys.Select(_ => new List<string>())];
        List<Subscription<IndexTrade>> subscriptions = [];
        List<Task> reading = [];
        foreach (var (key, texts) in s_keys.Zip(received))
        {
            await tap.AddAsync(IndexTrade.Feed.Schema, key, Cancellation);
            subscriptions.Add(await client.SubscribeAsync(IndexTrade.Feed, key, cancellationToken: Cancellation));
            reading.Add(ReadAsync(subscriptions[^1], texts));
        }

        for (var part = 1; part <= 3; part++)
        {
            await Patience.UntilAsync(
                () => received.All(texts => CountOf(texts) >= part * ItemsBetweenLosses) && (part < 3 || received.Any(HasMalformed)));
            if (part < 3)
                server.DropConnections().ShouldBe(1);
        }

        foreach (var subscription in subscriptions)
            await subscription.DisposeAsync();
        await Task.WhenAll(reading).WaitAsync(Patience.Limit, Cancellation);
        await tap.DisposeAsync();
        await tapping.WaitAsync(Patience.Limit, Cancellation);
        return received;
    }

    private static bool HasMalformed(List<string> texts)
    {
        lock (texts)
            return texts.Exists(text => text.StartsWith("malformed", StringComparison.Ordinal));
    }

    private static int CountOf(List<string> texts)
    {
        lock (texts)
            return texts.Count;
    }

    private static async Task ReadAsync(FrameTap tap, List<FrameItem> items)
    {
        await foreach (var item in tap.ReadAllAsync(CancellationToken.None))
            items.Add(item);
    }

    private static async Task<List<string>> ReadAsync(Subscription<IndexTrade> subscription, List<string> texts)
    {
        await foreach (var item in subscription.ReadItemsAsync(CancellationToken.None))
        {
            lock (texts)
                texts.Add(TextOf(item));
        }

        return texts;
    }

    private static string TextOf(FeedItem<IndexTrade> item) => item.Event switch
    {
        null => $"{item.Record.ReceivedAt:O} {item.Record}",
        Gap gap => $"gap {gap.Reason} {gap.From:O} {gap.To:O} {gap.Frames} {gap.MissedVolume} {gap.TrId} {gap.Key}",
        MalformedFrame malformed => $"malformed {malformed.ReceivedAt:O} {malformed.Error} {Convert.ToHexString(malformed.Raw.Span)}",
        Interruption interruption => $"interruption {interruption.Reason} {interruption.Key}",
        var other => other.ToString(),
    };

    private static void Play(InMemoryKisFeedClient client, FrameItem item)
    {
        switch (item.Event)
        {
            case null:
                client.Time = item.Frame.ReceivedAt;
                client.StatedDay = item.Frame.StatedDay;
                client.Publish(item.Frame.Bytes.Span);
                break;
            case MalformedFrame malformed:
                client.Time = malformed.ReceivedAt;
                client.Publish(malformed.Raw.Span);
                break;
            case Interruption interruption:
                client.Time = interruption.At;
                client.Interrupt(interruption.Reason);
                break;
        }
    }
}
