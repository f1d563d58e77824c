using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/status</c>: the status of the gateway, for people and programs. An operator sees everything. Other consumers see only themselves,
/// and only registrations of feeds that they have a right to.
/// </summary>
internal sealed class StatusPage(StatusReader status, FeedCatalog catalog)
{
    // Not a valid HTS ID, so that only consumers with the right to all order notices see registrations for order notices.
    private const string AnyHtsId = "";

    public Task AnswerAsync(HttpContext context, Account account) =>
        WebAnswer.WriteJsonAsync(context, json => JsonSerializer.Serialize(json, VisibleTo(account), WebJson.Default.GatewayStatus));

    private GatewayStatus VisibleTo(Account account)
    {
        var all = status.Read();
        return account.IsOperator ? all : all with
        {
            Registrations = [.. all.Registrations.Where(r => MaySee(account, r))],
            Consumers = [status.Of(account)],
            Cluster = all.Cluster?.WithoutNames(),
        };
    }

    private bool MaySee(Account account, GatewayRegistration registration) =>
        catalog.TryFind(registration.TrId, out var feed) && account.MayRegister(feed, registration.Key ?? AnyHtsId);
}
