using System.Text.Json;
using KisFeed.Output;

namespace KisFeed.Tests.Wire;

/// <summary>Columns that the broker has appended and that have no names yet.</summary>
public sealed class UnnamedColumnsTests
{
    private const string Known = "005930^092237^1^2^3^4^5^6^7^8^9";
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_message_with_a_million_of_them_is_read_in_bounded_time()
    {
        const int Columns = (1 << 20) - 64;
        var frame = Encoding.UTF8.GetBytes($"0|H0STPGM0|001|{Known}{new string('^', Columns)}");

        var json = await Task.Run(() => Json(ProgramTrade.Krx.Schema, frame)).WaitAsync(s_timeout);
        var csv = await Task.Run(() => Csv(ProgramTrade.Krx.Schema, frame)).WaitAsync(s_timeout);
        var record = await Task.Run(() => Decode(ProgramTrade.Krx.Schema, frame)).WaitAsync(s_timeout);

        using var document = JsonDocument.Parse(json);
        document.RootElement.GetProperty("extra").GetArrayLength().ShouldBe(Columns);
        csv.Length.ShouldBe(Known.Length + 1 + Columns - 1);
        record.Extra.Count.ShouldBe(Columns);
    }

    [Fact]
    public void They_keep_their_positions_after_named_columns()
    {
        // The layout moves a known column after a new one, so that the extra columns are not contiguous.
        var moved = """{"layouts":[{"trId":"H0STPGM0","columns":["NEW_CODE","MKSC_SHRN_ISCD","STCK_CNTG_HOUR","SELN_CNQN","SELN_TR_"""u8
            + """PBMN","SHNU_CNQN","SHNU_TR_PBMN","NTBY_CNQN","NTBY_TR_PBMN","SELN_RSQN","SHNU_RSQN","WHOL_NTBY_QTY"]}]}"""u8;
        var catalog = KisFeeds.Catalog.WithLayouts(LayoutFile.Parse(moved.ToArray()));
        catalog.TryFind("H0STPGM0", out var feed).ShouldBeTrue();
        var frame = Encoding.UTF8.GetBytes($"0|H0STPGM0|001|N^{Known}^first^^ third ");

        using var document = JsonDocument.Parse(Json(feed!, frame));
        document.RootElement.GetProperty("NEW_CODE").GetString().ShouldBe("N");
        document.RootElement.GetProperty("extra").EnumerateArray().Select(e => e.GetString()).ShouldBe(["first", null, "third"]);
        Csv(feed!, frame).ShouldEndWith(",N,first^^ third ");
        Decode(feed!, frame).Extra.Text.ShouldBe("N^first^^ third ");
    }

    [Fact]
    public void A_single_empty_one_counts()
    {
        var frame = Encoding.UTF8.GetBytes($"0|H0STPGM0|002|{Known}^^{Known}^");

        using var document = JsonDocument.Parse(Json(ProgramTrade.Krx.Schema, frame));
        document.RootElement.GetProperty("extra").EnumerateArray().Select(e => e.GetString()).ShouldBe([null]);
    }

    [Fact]
    public void Invalid_UTF8_makes_the_record_malformed()
    {
        byte[] frame = [.. Encoding.UTF8.GetBytes($"0|H0STPGM0|001|{Known}^"), 0xEA];
        Read(ProgramTrade.Krx.Schema, frame, static (feed, fields) =>
        {
            RecordJson.TryCheck(feed, fields, out var error).ShouldBeFalse();
            error.Kind.ShouldBe(FrameErrorKind.InvalidUtf8);
            return 0;
        });
    }

    private static ReadOnlyMemory<byte> Json(FeedSchema feed, byte[] frame) =>
        Read<ReadOnlyMemory<byte>>(feed, frame, static (feed, fields) =>
        {
            RecordJson.TryCheck(feed, fields, out _).ShouldBeTrue();
            var text = new ArrayBufferWriter<byte>();
            using var json = new Utf8JsonWriter(text);
            json.WriteStartObject();
            RecordJson.WriteMembers(json, feed, fields, NameStyle.Kis);
            json.WriteEndObject();
            json.Flush();
            return text.WrittenMemory;
        });

    private static string Csv(FeedSchema feed, byte[] frame) => Read(feed, frame, static (feed, fields) =>
    {
        var row = new ArrayBufferWriter<byte>();
        new RecordCsv(feed, NameStyle.Kis).WriteRow(row, fields);
        return Encoding.UTF8.GetString(row.WrittenSpan);
    });

    private static ProgramTrade Decode(FeedSchema feed, byte[] frame) => Read(feed, frame, static (unused, fields) =>
    {
        ProgramTrade.TryDecode(fields, new StringPool(), DateTimeOffset.UnixEpoch, out var record, out var error)
            .ShouldBeTrue(error.ToString());
        return record;
    });

    private static T Read<T>(FeedSchema feed, byte[] bytes, Func<FeedSchema, RecordFields, T> use)
    {
        DataFrame.TryParse(bytes, out var frame, out _).ShouldBeTrue();
        feed.TryResolve(frame, out var shape, out _).ShouldBeTrue();
        var reader = new RecordReader(frame, shape, stackalloc int[RecordReader.ScratchLength(shape)]);
        reader.MoveNext().ShouldBeTrue();
        return use(feed, reader.Current);
    }
}
