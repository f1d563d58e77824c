using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using KisFeed.Gateway.Consumers;
using KisFeed.Gateway.Http;
using KisFeed.Gateway.Web.Html;
using KisFeed.Output;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Web;

/// <summary>
/// <c>/v1/instruments</c>: all known instruments. The list may have thousands of entries and never changes, so clients keep it
/// and revalidate it by its entity tag.
/// <c>?q=TEXT</c>: instruments that match a text, the best match first, at most <c>limit</c>.
/// <c>?kind=KIND,…</c>: only those of some kinds.
/// </summary>
internal sealed class InstrumentsPage(IReadOnlyList<Instrument> instruments)
{
    public const string TextParameter = "q";
    public const string LimitParameter = "limit";
    public const string KindParameter = "kind";

    private const int MaxLimit = 1000;

    private static readonly FrozenDictionary<string, InstrumentKind> s_kinds = Enum.GetValues<InstrumentKind>()
        .ToFrozenDictionary(JsonName.Of, StringComparer.OrdinalIgnoreCase);
    private static readonly Problem s_badKind = QueryParameters.Unusable(
        KindParameter,
        $"it must be one or several of {string.Join(", ", Enum.GetValues<InstrumentKind>().Select(JsonName.Of))}, separated by commas");
    private static readonly Problem s_badLimit = QueryParameters.Unusable(
        LimitParameter, $"it must be a number from 1 to {MaxLimit}, given together with {TextParameter}, the text to search for");

    private readonly InstrumentSearch _search = new(instruments);
    private readonly EntityTag _tag = new(BodyOf(All(instruments)).Span);

    public IResult Answer(HttpContext context, Account account)
    {
        var query = context.Request.Query;
        if (!TryReadLimit(query, out var limit))
            return s_badLimit;
        if (!TryReadKinds(query, out var kinds))
            return s_badKind;
        var isSearch = query.TryGetValue(TextParameter, out var text);
        var matches = isSearch ? _search.Find(text.ToString()) : All(instruments);
        var wanted = kinds is null ? matches : matches.Where(match => kinds.Contains(match.Kind));
        return isSearch ? new WebAnswer(WebAnswer.JsonType, BodyOf(wanted.Take(limit))) : new ListAnswer(_tag, wanted);
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
            || (query.ContainsKey(TextParameter)
                && int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out limit)
                && limit is >= 1 and <= MaxLimit);
    }

    private static ReadOnlyMemory<byte> BodyOf(IEnumerable<InstrumentMatch> matches) => WebAnswer.BodyOf(
        json => JsonSerializer.Serialize(json, new InstrumentList(matches), WebJson.Default.InstrumentList), isIndented: false);

    /// <summary>A list, which the client may keep.</summary>
    private sealed class ListAnswer(EntityTag tag, IEnumerable<InstrumentMatch> matches) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.Headers.CacheControl = "private, no-cache";
            if (tag.Answers(httpContext))
                return;
            var body = BodyOf(matches);
            response.ContentType = WebAnswer.JsonType;
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, httpContext.RequestAborted).ConfigureAwait(false);
        }
    }
}

/// <summary>The body of <c>/v1/instruments</c>.</summary>
internal sealed record InstrumentList(IEnumerable<InstrumentMatch> Instruments);
