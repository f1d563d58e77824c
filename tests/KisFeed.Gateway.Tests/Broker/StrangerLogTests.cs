namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Everybody who reaches the port can make connections: their lines do not fill the log.</summary>
public sealed class StrangerLogTests
{
    private const int MostOfMinute = 10;

    [Fact]
    public async Task Connections_without_a_session_get_one_line_each_and_few_of_them_and_consumers_all_of_theirs()
    {
        await using var stage = await Stage.OpenAsync();
        for (var i = 0; i < 2 * MostOfMinute; i++)
        {
            await using var stranger = await RawClient.ConnectAsync(stage.Url);
            if (i % 2 == 0)
                await stranger.SendTextAsync(FeedClient.Request("no-such-key", "1", Stage.Index, "0001"));
            if (i % 2 == 0)
                await stranger.ReceiveAsync();
        }

        await stage.EmptyAsync();
        await using (var consumer = await stage.ConnectAsync())
        {
            await consumer.RegisterAsync(Stage.Index, "0001");
            stage.Log.Entries.Count(entry => entry.Text.Contains(" opened from 127.0.0.1:", StringComparison.Ordinal)).ShouldBe(1);
        }

        await stage.EmptyAsync();
        await Patience.UntilAsync(() => stage.Log.Entries.Any(entry => entry.Text.EndsWith(" ended ", StringComparison.Ordinal)));
        var strangers = stage.Log.Entries.Select(entry => entry.Text).Where(text => text.Contains(" before its session began", StringComparison.Ordinal)).ToList();
        strangers.Count.ShouldBe(MostOfMinute);
        strangers.ShouldContain(text => text.Contains(" refused before its session began: OPSP0011 ", StringComparison.Ordinal));
        strangers.ShouldContain(text => text.Contains(" ended before its session began", StringComparison.Ordinal));
        strangers.Select(text => text.Split(' ')[1]).Distinct(StringComparer.Ordinal).Count().ShouldBe(MostOfMinute, "one line for each connection");
        stage.Log.Entries.Count(entry => entry.Text.StartsWith("Connection ", StringComparison.Ordinal)).ShouldBe(MostOfMinute + 3, "opened, registered and ended, of the consumer");
    }
}
