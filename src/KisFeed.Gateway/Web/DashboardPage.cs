using System.Collections.Immutable;
using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary><c>/v1/dashboard</c>: what the dashboard has to know before it shows anything: where the data come from, who looks at them, and what to begin with.</summary>
/// <param name="options">How the gateway is set up.</param>
/// <param name="access">Who may use it.</param>
/// <param name="catalog">The feeds.</param>
/// <param name="source">Where the data come from.</param>
internal sealed class DashboardPage(GatewayOptions options, AccessControl access, FeedCatalog catalog, Func<DataSource> source)
{
    private readonly ImmutableArray<FeedSchema> _feeds = [.. catalog.Feeds.Where(feed => IsOfService(catalog, feed, options.Upstream.Environment))];

    public Task AnswerAsync(HttpContext context, Account account) => WebAnswer.WriteJsonAsync(context, json => Write(json, account));

    // The dashboard shows one feed of order notices, although a simulator has both.
    private static bool IsOfService(FeedCatalog catalog, FeedSchema feed, KisEnvironment environment)
    {
        try
        {
            return FeedAvailability.Find(catalog, feed, environment == KisEnvironment.Simulator ? KisEnvironment.Production : environment).TrId == feed.TrId;
        }
        catch (FeedNotAvailableException)
        {
            return false;
        }
    }

    private void Write(Utf8JsonWriter json, Account account)
    {
        var feeds = _feeds.Where(feed => account.MayRegister(feed)).ToList();
        var mayNotices = feeds.Exists(feed => feed.IsNotice);
        json.WriteStartObject();
        json.WriteString("version"u8, KisFeedDiagnostics.Version);
        json.WriteString("source"u8, StatusJson.WordOf(source()));
        json.WriteStartObject("viewer"u8);
        json.WriteString("name"u8, account.Name);
        json.WriteBoolean("isOpen"u8, access.Accounts.IsOpen);
        json.WriteBoolean("isOperator"u8, account.IsOperator);
        json.WriteBoolean("mayNotices"u8, mayNotices);
        json.WriteStartArray("feeds"u8);
        foreach (var feed in feeds)
            json.WriteStringValue(feed.TrId);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("watch"u8);
        foreach (var key in options.KeysToShow.Where(key => feeds.Exists(feed => feed.TrId == key.Feed.TrId)).Distinct())
        {
            json.WriteStartObject();
            json.WriteString("trId"u8, key.Feed.TrId);
            json.WriteString("key"u8, key.Key);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("noticeKeys"u8);
        foreach (var htsId in options.HtsIds.Where(id => feeds.Exists(feed => feed.IsNotice && account.MayRegister(feed, id))))
            json.WriteStringValue(htsId);
        json.WriteEndArray();
        json.WriteNumber("places"u8, options.Places);
        json.WriteEndObject();
    }
}
