using System.Buffers;
using System.Text.Json;
using KisFeed.Wire;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary><c>/v1/instruments</c>: what is known by name. It is the same for everybody and as long as the gateway runs, and may be thousands: written once.</summary>
internal sealed class InstrumentsPage(IReadOnlyList<Instrument> instruments)
{
    private readonly ReadOnlyMemory<byte> _body = Write(instruments);

    public Task AnswerAsync(HttpContext context, Account account) => WebAnswer.WriteAsync(context, StatusCodes.Status200OK, WebAnswer.Json, _body);

    private static ReadOnlyMemory<byte> Write(IReadOnlyList<Instrument> instruments)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body, RecordJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteStartArray("instruments"u8);
            foreach (var instrument in instruments)
            {
                json.WriteStartObject();
                json.WriteString("kind"u8, StatusJson.WordOf(instrument.Kind));
                json.WriteString("code"u8, instrument.Code);
                json.WriteString("name"u8, instrument.Name);
                json.WriteString("englishName"u8, instrument.EnglishName);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        body.Write("\n"u8);
        return body.WrittenMemory;
    }
}
