using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Output;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/dashboard</c>: what the dashboard needs at its start: the source of the data, the rights of the user, and the keys to show.
/// </summary>
/// <param name="options">The options of the gateway.</param>
/// <param name="access">Whether the gateway is open to everybody.</param>
/// <param name="catalog">The feeds.</param>
/// <param name="source">Returns the source of the data.</param>
internal sealed class DashboardPage(GatewayOptions options, AccessControl access, FeedCatalog catalog, Func<DataSource> source)
{
    private readonly ImmutableArray<FeedSchema> _feeds = [.. catalog.Feeds.Where(feed => IsOfService(catalog, feed, options.Upstream.Environment))];

    public Task AnswerAsync(HttpContext context, Account account) => WebAnswer.WriteJsonAsync(context, json => Write(json, account));

    // The dashboard shows the feeds of one service, although a simulator has those of both.
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
        json.WriteString("source"u8, JsonName.Of(source()));
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
        json.WriteNumber("places"u8, options.Upstream.MaxRegistrations);
        json.WriteBoolean("hasHistory"u8, options.Recording is not null);
        json.WriteEndObject();
    }
}

/// <summary>
/// <c>/v1/instruments</c>: all known instruments. The list may have thousands of entries and never changes, so it is serialized once.
/// <c>?q=TEXT</c>: instruments that match a text, the best match first, at most <c>limit</c>. <c>?kind=KIND,…</c>: only those of some kinds.
/// </summary>
internal sealed class InstrumentsPage(IReadOnlyList<Instrument> instruments, WebGate gate)
{
    public const string TextParameter = "q";
    public const string LimitParameter = "limit";
    public const string KindParameter = "kind";

    private const int MaxLimit = 1000;

    private static readonly FrozenDictionary<string, InstrumentKind> s_kinds = Enum.GetValues<InstrumentKind>().ToFrozenDictionary(JsonName.Of, StringComparer.OrdinalIgnoreCase);
    private static readonly Problem s_badKind = QueryParameters.Unusable(KindParameter, $"it must be one or several of {string.Join(", ", Enum.GetValues<InstrumentKind>().Select(JsonName.Of))}, separated by commas");
    private static readonly Problem s_badLimit = QueryParameters.Unusable(LimitParameter, $"it must be a number from 1 to {MaxLimit}, given together with {TextParameter}, the text to search for");

    private readonly InstrumentSearch _search = new(instruments);
    private readonly ReadOnlyMemory<byte> _body = Write(All(instruments));

    public Task AnswerAsync(HttpContext context, Account account)
    {
        var query = context.Request.Query;
        if (!TryReadLimit(query, out var limit))
            return gate.RefuseAsync(context, AccessRefusalReason.Malformed, s_badLimit);
        if (!TryReadKinds(query, out var kinds))
            return gate.RefuseAsync(context, AccessRefusalReason.Malformed, s_badKind);
        return WebAnswer.WriteAsync(context, StatusCodes.Status200OK, WebAnswer.Json, Body(query, kinds, limit));
    }

    private ReadOnlyMemory<byte> Body(IQueryCollection query, HashSet<InstrumentKind>? kinds, int limit)
    {
        var isSearch = query.TryGetValue(TextParameter, out var text);
        if (!isSearch && kinds is null)
            return _body;
        var matches = isSearch ? _search.Find(text.ToString()) : All(instruments);
        var wanted = kinds is null ? matches : matches.Where(match => kinds.Contains(match.Kind));
        return Write(isSearch ? wanted.Take(limit) : wanted);
    }

    private static IEnumerable<InstrumentMatch> All(IReadOnlyList<Instrument> instruments) =>
        instruments.Select(instrument => new InstrumentMatch(instrument.Kind, instrument.Code, instrument.Name, instrument.EnglishName));

    private static bool TryReadKinds(IQueryCollection query, out HashSet<InstrumentKind>? kinds)
    {
        kinds = null;
        if (!query.TryGetValue(KindParameter, out var text))
            return true;
        kinds = [];
        foreach (var name in text.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (!s_kinds.TryGetValue(name, out var kind))
                return false;
            kinds.Add(kind);
        }

        return true;
    }

    private static bool TryReadLimit(IQueryCollection query, out int limit)
    {
        limit = InstrumentSearch.DefaultLimit;
        return !query.TryGetValue(LimitParameter, out var text)
            || (query.ContainsKey(TextParameter) && int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit);
    }

    private static ReadOnlyMemory<byte> Write(IEnumerable<InstrumentMatch> matches)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RecordJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("instruments"u8);
            foreach (var match in matches)
            {
                json.WriteStartObject();
                json.WriteString("kind"u8, JsonName.Of(match.Kind));
                json.WriteString("code"u8, match.Code);
                json.WriteString("name"u8, match.Name);
                json.WriteString("englishName"u8, match.EnglishName);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        body.Write("\n"u8);
        return body.WrittenMemory;
    }
}
