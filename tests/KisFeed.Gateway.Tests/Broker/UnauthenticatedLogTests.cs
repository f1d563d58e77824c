namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Connections without a session must not fill the log, since they need no credentials.</summary>
public sealed class UnauthenticatedLogTests
{
    private const int MaxPerMinute = 10;

    [Fact]
    public async Task Connections_without_a_session_are_logged_at_a_limited_rate_and_consumers_always()
    {
        await using var testGateway = await TestGateway.OpenAsync();
        for (var i = 0; i < 2 * MaxPerMinute; i++)
        {
            await using var unauthenticated = await RawClient.ConnectAsync(testGateway.Url);
            if (i % 2 == 0)
                await unauthenticated.SendTextAsync(FeedClient.Request("no-such-key", "1", TestGateway.Index, "0001"));
            if (i % 2 == 0)
                await unauthenticated.ReceiveAsync();
        }

        await testGateway.WaitForDisconnectAsync();
        await using (var consumer = await testGateway.ConnectAsync())
        {
            await consumer.RegisterAsync(TestGateway.Index, "0001");
            testGateway.Log.Entries.Count(entry => entry.Text.Contains(" opened from 127.0.0.1:", StringComparison.Ordinal)).ShouldBe(1);
        }

        await testGateway.WaitForDisconnectAsync();
        await Patience.UntilAsync(() => testGateway.Log.Entries.Any(entry => entry.Text.EndsWith(" ended ", StringComparison.Ordinal)));
        var unauthenticatedClients = testGateway.Log.Entries.Select(entry => entry.Text)
            .Where(text => text.Contains(" before its session began", StringComparison.Ordinal))
            .ToList();
        unauthenticatedClients.Count.ShouldBe(MaxPerMinute);
        unauthenticatedClients.ShouldContain(
            text => text.Contains(" refused before its session began: OPSP0011 ", StringComparison.Ordinal));
        unauthenticatedClients.ShouldContain(text => text.Contains(" ended before its session began", StringComparison.Ordinal));
        unauthenticatedClients.Select(text => text.Split(' ')[1]).Distinct(StringComparer.Ordinal).Count()
            .ShouldBe(MaxPerMinute, "one line for each connection");
        testGateway.Log.Entries.Count(entry => entry.Text.StartsWith("Connection ", StringComparison.Ordinal))
            .ShouldBe(MaxPerMinute + 3, "opened, registered and ended, of the consumer");
    }
}
