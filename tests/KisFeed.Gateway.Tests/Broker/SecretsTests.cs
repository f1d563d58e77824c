using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Simulator;
using KisFeed.Tests.Client;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Secrets of the broker and of consumers are not in logs, responses or the status.</summary>
public sealed class SecretsTests
{
    [Fact]
    public async Task A_gateway_exposes_no_secrets()
    {
        var search = new SecretSearch();
        var answers = new List<string>();
        using var testConsumers = new TestConsumers();
        await testConsumers.AddAsync("anna", notices: true);
        await testConsumers.AddAsync("boris", feeds: ["H0BJCNT0"]);
        foreach (var name in (string[])["anna", "boris"])
        {
            search.Add($"app key of {name}", testConsumers[name].AppKey);
            search.Add($"secret of {name}", testConsumers[name].AppSecret);
        }

        await using var testGateway = await TestGateway.OpenAsync(
            new SimulatorOptions { Rate = 1_000 },
            upstream: upstream =>
            {
                search.Add("the broker's app key", upstream.AppKey!);
                search.Add("the broker's secret", upstream.AppSecret!);
                return upstream;
            },
            consumers: testConsumers);
        var wrong = ConsumerCredentials.Create();
        search.Add("wrong app key", wrong.AppKey);
        search.Add("wrong secret", wrong.AppSecret);
        using var rest = new RestClient(testGateway.Gateway.RestUrl);
        answers.Add((await rest.ApproveAsync(wrong.AppKey, wrong.AppSecret)).Body.GetRawText());
        answers.Add((await rest.ApproveAsync(testConsumers["anna"].AppKey, wrong.AppSecret)).Body.GetRawText());
        answers.Add((await rest.PostAsync("/oauth2/Approval", "{" + wrong.AppSecret)).Body.GetRawText());
        await using var anna = await testConsumers.ConnectAsync(testGateway, "anna");
        await using var boris = await testConsumers.ConnectAsync(testGateway, "boris");
        search.Add("approval key of anna", anna.ApprovalKey);
        search.Add("approval key of boris", boris.ApprovalKey);
        await anna.SendAsync(FeedClient.Request(anna.ApprovalKey, "1", "H0IFCNI0", "annashtsid"));
        answers.Add(await anna.ReceiveControlAsync());
        search.Add(
            "notice key of anna",
            JsonDocument.Parse(answers[^1]).RootElement.GetProperty("body").GetProperty("output").GetProperty("key").GetString()!);
        answers.RemoveAt(answers.Count - 1); // Its own acknowledgement contains its key.
        foreach (var request in (string[])[FeedClient.Request(boris.ApprovalKey, "1", "H0IFCNI0", "annashtsid"),
            FeedClient.Request(boris.ApprovalKey, "1", "H0UPCNT0", "0001"),
            $"{{{boris.ApprovalKey}"])
        {
            await boris.SendAsync(request);
            answers.Add(await boris.ReceiveControlAsync());
        }

        answers.Add(await RawClient.AskAsync(
            testGateway.Url, $"GET /tryitout/{boris.ApprovalKey}/x?approval_key={boris.ApprovalKey} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await anna.ReceiveFrameAsync();
        answers.Add(JsonSerializer.Serialize(testGateway.Status));
        answers.AddRange(testGateway.Gateway.Accounts.All.Select(account => $"{account}"));
        await testConsumers.RemoveAsync("anna");
        testGateway.Gateway.ReloadConsumers();
        answers.Add((await anna.ReceiveCloseAsync()).Reason!);
        search.ShouldFindNothingIn(answers);
        search.ShouldFindNothingIn(testGateway.Log.Entries.Select(entry => entry.Text));
        answers.ShouldAllBe(
            text => text == answers[3] || !text.Contains("annashtsid", StringComparison.Ordinal),
            "only boris receives the key of its own notices");
        testGateway.Log.Entries.Where(entry => entry.Level > Microsoft.Extensions.Logging.LogLevel.Debug)
            .ShouldNotContain(entry => entry.Text.Contains("annashtsid", StringComparison.Ordinal));
        testGateway.Log.Entries.Count.ShouldBeGreaterThan(10);
    }
}
