using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Simulator;
using KisFeed.Tests.Client;

namespace KisFeed.Gateway.Tests.Broker;

/// <summary>Nothing secret, of the broker or of consumers, is in a log, an answer or the status, whatever consumers do.</summary>
public sealed class SecretsTests
{
    [Fact]
    public async Task Nothing_secret_comes_out_of_a_gateway()
    {
        var search = new SecretSearch();
        var answers = new List<string>();
        using var household = new Household();
        await household.AddAsync("anna", notices: true);
        await household.AddAsync("boris", feeds: ["H0BJCNT0"]);
        foreach (var name in (string[])["anna", "boris"])
        {
            search.Add($"app key of {name}", household[name].AppKey);
            search.Add($"secret of {name}", household[name].AppSecret);
        }

        await using var stage = await Stage.OpenAsync(
            new SimulatorOptions { Rate = 1_000 },
            options => options with { TokenFile = household.TokenFile },
            upstream =>
            {
                search.Add("the broker's app key", upstream.AppKey!);
                search.Add("the broker's secret", upstream.AppSecret!);
                return upstream;
            });
        var wrong = ConsumerCredentials.Create();
        search.Add("wrong app key", wrong.AppKey);
        search.Add("wrong secret", wrong.AppSecret);
        using var rest = new RestClient(stage.Gateway.RestUrl);
        answers.Add((await rest.ApproveAsync(wrong.AppKey, wrong.AppSecret)).Body.GetRawText());
        answers.Add((await rest.ApproveAsync(household["anna"].AppKey, wrong.AppSecret)).Body.GetRawText());
        answers.Add((await rest.PostAsync("/oauth2/Approval", "{" + wrong.AppSecret)).Body.GetRawText());
        await using var anna = await household.ConnectAsync(stage, "anna");
        await using var boris = await household.ConnectAsync(stage, "boris");
        search.Add("approval key of anna", anna.ApprovalKey);
        search.Add("approval key of boris", boris.ApprovalKey);
        await anna.SendAsync(FeedClient.Request(anna.ApprovalKey, "1", "H0IFCNI0", "annashtsid"));
        answers.Add(await anna.ReceiveControlAsync());
        search.Add("notice key of anna", JsonDocument.Parse(answers[^1]).RootElement.GetProperty("body").GetProperty("output").GetProperty("key").GetString()!);
        answers.RemoveAt(answers.Count - 1); // What it is told itself has its key.
        foreach (var request in (string[])[FeedClient.Request(boris.ApprovalKey, "1", "H0IFCNI0", "annashtsid"), FeedClient.Request(boris.ApprovalKey, "1", "H0UPCNT0", "0001"), $"{{{boris.ApprovalKey}"])
        {
            await boris.SendAsync(request);
            answers.Add(await boris.ReceiveControlAsync());
        }

        answers.Add(await RawClient.AskAsync(stage.Url, $"GET /tryitout/{boris.ApprovalKey}/x?approval_key={boris.ApprovalKey} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await anna.ReceiveFrameAsync();
        answers.Add(JsonSerializer.Serialize(stage.Gateway.Status));
        answers.AddRange(stage.Gateway.Accounts.All.Select(account => $"{account}"));
        await household.RemoveAsync("anna");
        stage.Gateway.ReloadConsumers();
        while (await anna.ReceiveAsync() is not null)
        {
            // Until it is closed.
        }

        answers.Add(anna.Socket.CloseStatusDescription!);
        search.ShouldFindNothingIn(answers);
        search.ShouldFindNothingIn(stage.Log.Entries.Select(entry => entry.Text));
        answers.ShouldAllBe(text => text == answers[3] || !text.Contains("annashtsid", StringComparison.Ordinal), "boris is told what it asked for itself, and nobody else is");
        stage.Log.Entries.Where(entry => entry.Level > Microsoft.Extensions.Logging.LogLevel.Debug).ShouldNotContain(entry => entry.Text.Contains("annashtsid", StringComparison.Ordinal));
        stage.Log.Entries.Count.ShouldBeGreaterThan(10);
    }
}
