using System.Buffers;
using System.Globalization;
using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>
/// <c>/v1/instruments</c>: what is known by name, which is the same for everybody and as long as the gateway runs, and may be thousands: written once.
/// <c>?q=TEXT</c>: what a text may mean, the likeliest first, <c>limit</c> of them at most.
/// </summary>
internal sealed class InstrumentsPage(IReadOnlyList<Instrument> instruments, WebGate gate)
{
    public const string TextParameter = "q";
    public const string LimitParameter = "limit";

    private const int MostLimit = 1000;

    private static readonly Problem s_badLimit = QueryParameters.Unusable(LimitParameter, $"it is a number from 1 to {MostLimit}, and goes with {TextParameter}, the text to search for");

    private readonly InstrumentSearch _search = new(instruments);
    private readonly ReadOnlyMemory<byte> _body = Write(instruments.Select(instrument => new InstrumentMatch(instrument.Kind, instrument.Code, instrument.Name, instrument.EnglishName)));

    public Task AnswerAsync(HttpContext context, Account account)
    {
        var query = context.Request.Query;
        if (!TryReadLimit(query, out var limit))
            return gate.RefuseAsync(context, RefusalReason.Malformed, s_badLimit);
        var body = query.TryGetValue(TextParameter, out var text) ? Write(_search.Find(text.ToString()).Take(limit)) : _body;
        return WebAnswer.WriteAsync(context, StatusCodes.Status200OK, WebAnswer.Json, body);
    }

    private static bool TryReadLimit(IQueryCollection query, out int limit)
    {
        limit = InstrumentSearch.UsualLimit;
        return !query.TryGetValue(LimitParameter, out var text)
            || (query.ContainsKey(TextParameter) && int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MostLimit);
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
                json.WriteString("kind"u8, StatusJson.WordOf(match.Kind));
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
