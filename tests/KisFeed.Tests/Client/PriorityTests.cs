using static KisFeed.Tests.Client.Simulation;

namespace KisFeed.Tests.Client;

/// <summary>Priorities of subscriptions, against a simulator that allows 41 registrations.</summary>
public sealed class PriorityTests
{
    private static readonly SubscribeOptions s_high = new() { Priority = 1 };

    [Fact]
    public async Task The_42nd_subscription_evicts_the_lowest_which_comes_back()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        for (var i = 0; i < 40; i++)
            await client.SubscribeAsync(ProgramTrade.Nxt, $"{i:D6}", s_high);
        await using var index = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        using var timeout = new CancellationTokenSource(Patience.Limit);
        await using var items = index.ReadItemsAsync(timeout.Token).GetAsyncEnumerator(timeout.Token);
        await MoveToAsync(items, item => item.IsRecord);

        var important = await client.SubscribeAsync(ProgramTrade.Nxt, "999999", s_high);
        var evicted = (Evicted)await MoveToAsync(items, item => !item.IsRecord);
        (evicted.TrId, evicted.Key).ShouldBe(("H0UPCNT0", "0001"));
        client.Registrations.Single(r => r.State == RegistrationState.Evicted).Key.ShouldBe("0001");
        client.Sessions.Single().ShouldSatisfyAllConditions(s => s.Desired.ShouldBe(41), s => s.Evicted.ShouldBe(1));
        (await Should.ThrowAsync<RegistrationLimitException>(client.SubscribeAsync(ProgramTrade.Nxt, "888888", s_high))).Message
            .ShouldContain("41 registrations");
        server.Statistics.Registrations.ShouldBe(41);

        await important.DisposeAsync();
        var restored = (Restored)await MoveToAsync(items, _ => true);
        (restored.Session, restored.Key).ShouldBe(("1", "0001"));
        restored.At.ShouldBeGreaterThan(evicted.At);
        var gap = (Gap)await MoveToAsync(items, _ => true);
        gap.Reason.ShouldBe(GapReason.Evicted);
        gap.From.ShouldNotBeNull().ShouldBeLessThan(evicted.At);
        gap.To.ShouldNotBeNull().ShouldBeGreaterThan(restored.At);
        gap.MissedVolume.ShouldNotBeNull();
        (await items.MoveNextAsync()).ShouldBeTrue();
        items.Current.IsRecord.ShouldBeTrue();
        client.Sessions.Single().Evicted.ShouldBe(0);
        server.Statistics.Registrations.ShouldBe(41);
    }

    [Fact]
    public async Task A_subscription_that_joins_an_evicted_key_begins_as_evicted()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { MaxRegistrations = 1 });
        await using var first = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var other = await client.SubscribeAsync(IndexTrade.Feed, "1001", s_high);
        await using var second = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        client.Registrations.Single(r => r.Key == "0001").ShouldSatisfyAllConditions(
            r => r.State.ShouldBe(RegistrationState.Evicted), r => r.Subscribers.ShouldBe(2));
        await other.DisposeAsync();
        var items = await TakeAsync(second.ReadItemsAsync(), 4);
        items.Take(3).Select(item => item.Event?.GetType()).ShouldBe([typeof(Evicted), typeof(Restored), typeof(Gap)]);
        items[2].Event.ShouldBeOfType<Gap>().From.ShouldBeNull("it has received nothing before");
        items[3].IsRecord.ShouldBeTrue();
    }

    [Fact]
    public async Task A_subscription_with_a_higher_priority_gives_an_evicted_key_its_slot()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { MaxRegistrations = 1 });
        await using var first = await client.SubscribeAsync(IndexTrade.Feed, "0001");
        await using var other = await client.SubscribeAsync(IndexTrade.Feed, "1001", s_high);
        await using (var second = await client.SubscribeAsync(IndexTrade.Feed, "0001", new SubscribeOptions { Priority = 2 }))
        {
            (await TakeAsync(second.ReadItemsAsync(), 1))[0].IsRecord.ShouldBeTrue("it was confirmed before it was returned");
            (await TakeUntilAsync(other.ReadItemsAsync(), item => item.Event is Evicted))[^1].Event.ShouldBeOfType<Evicted>();
        }

        (await TakeUntilAsync(other.ReadItemsAsync(), item => item.Event is Restored))[^1].Event.ShouldBeOfType<Restored>();
        (await TakeUntilAsync(first.ReadItemsAsync(), item => item.Event is Restored)).Count(item => item.Event is Evicted)
            .ShouldBe(1);
        client.Registrations.Single(r => r.Key == "0001").State.ShouldBe(RegistrationState.Evicted);
    }

    [Fact]
    public async Task A_tap_has_priorities_and_receives_confirmations_again()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server) with { MaxRegistrations = 1 });
        await using var tap = client.OpenTap();
        await tap.AddAsync(IndexTrade.Feed.Schema, "0001");
        await tap.AddAsync(IndexTrade.Feed.Schema, "1001", s_high);
        await tap.RemoveAsync(IndexTrade.Feed.Schema, "1001");
        var items = await TakeUntilAsync(tap.ReadAllAsync(), item => item.Event is Gap);
        items.Where(item => item.Key == "0001").Select(item => item.Event!.GetType().Name).Where(name => name != nameof(FirstFrame))
            .ShouldBe([nameof(RegistrationConfirmed), nameof(Evicted), nameof(RegistrationConfirmed), nameof(Gap)]);
        items[^1].Event.ShouldBeOfType<Gap>().Reason.ShouldBe(GapReason.Evicted);
    }

    [Fact]
    public async Task A_tap_refuses_options_that_begin_in_recorded_data()
    {
        await using var server = await StartAsync();
        await using var client = await KisFeedClient.ConnectAsync(OptionsFor(server));
        await using var tap = client.OpenTap();
        var options = new SubscribeOptions { From = HistoryStart.Ago(TimeSpan.FromMinutes(15)) };
        var error = await Should.ThrowAsync<ArgumentException>(() => tap.AddAsync(IndexTrade.Feed.Schema, "0001", options));
        error.Message.ShouldContain("SubscribeOptions.From cannot be -900s");
        client.Registrations.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_subscription_that_loses_its_slot_before_it_is_acknowledged_is_refused()
    {
        var requested = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(async socket =>
        {
            await ScriptedServer.ReceiveAsync(socket);
            requested.SetResult();
            await ScriptedServer.ReceiveAsync(socket);
        });
        await using var client = await KisFeedClient.ConnectAsync(server.Options with { MaxRegistrations = 1 });
        var low = client.SubscribeAsync(IndexTrade.Feed, "0001");
        await requested.Task.WaitAsync(Patience.Limit);
        var high = client.SubscribeAsync(IndexTrade.Feed, "1001", s_high);
        (await Should.ThrowAsync<RegistrationLimitException>(low)).Message
            .ShouldContain("a registration with a higher priority took the slot");
        client.Registrations.Single(r => r.IsDesired).Key.ShouldBe("1001");
        await client.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(high);
    }

    private static async Task<FeedEvent> MoveToAsync(
        IAsyncEnumerator<FeedItem<IndexTrade>> items, Func<FeedItem<IndexTrade>, bool> condition)
    {
        do
        {
            (await items.MoveNextAsync()).ShouldBeTrue();
        }
        while (!condition(items.Current));

        return items.Current.Event!;
    }

    private static async Task<List<T>> TakeUntilAsync<T>(IAsyncEnumerable<T> items, Func<T, bool> isLast)
    {
        using var timeout = new CancellationTokenSource(Patience.Limit);
        var list = new List<T>();
        await foreach (var item in items.WithCancellation(timeout.Token))
        {
            list.Add(item);
            if (isLast(item))
                break;
        }

        return list;
    }
}
