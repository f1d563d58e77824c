using System.Text.Json;
using KisFeed.Output;
using KisFeed.Wire.Control;

namespace KisFeed.Tests.Wire;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData(0, "2026-11-20T09:00:01.0000000+09:00", "2026-11-20T00:00:01.0000000Z")]
    [InlineData(1_000_000, "2026-11-20T09:00:01.1000000+09:00", "2026-11-20T00:00:01.1000000Z")]
    [InlineData(1_234_567, "2026-11-20T09:00:01.1234567+09:00", "2026-11-20T00:00:01.1234567Z")]
    public void An_instant_always_has_seven_decimals(long ticks, string korea, string utc)
    {
        var moment = new DateTimeOffset(2026, 11, 20, 0, 0, 1, TimeSpan.Zero).AddTicks(ticks);

        Write((json, m) => TimeText.WriteTime(json, "at"u8, m), moment).ShouldBe($$"""{"at":"{{korea}}"}""");
        TimeText.Utc(moment).ShouldBe(utc);
        Write((json, m) => TimeText.WriteExchangeTime(json, "at"u8, m), moment).ShouldBe("""{"at":"2026-11-20T09:00:01+09:00"}""");

        var text = new ArrayBufferWriter<byte>();
        new ServerEvent { Kind = ServerEventKind.Gap, From = KoreaTime.From(moment) }.Write(text);
        Encoding.UTF8.GetString(text.WrittenSpan).ShouldContain($"\"from\":\"{korea}\"");
    }

    private static string Write(Action<Utf8JsonWriter, DateTimeOffset> write, DateTimeOffset moment)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, RecordJson.WriterOptions))
        {
            json.WriteStartObject();
            write(json, moment);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
