using System.Buffers;
using System.Reflection;
using System.Text;
using KisFeed.TestSupport;
using KisFeed.Wire;

namespace KisFeed.Generator.Tests;

/// <summary>The example of CONTRIBUTING.md is a complete feed.</summary>
public sealed class WorkedExampleTests
{
    private const string Frame = "0|H0RICNT0|002|R01612^093000^52000^2^52100^52200^51900^51800^7^20261120^N^R01612^093001^52100^2^52200^"
        + "52300^52000^51900^9^00000000^2";

    [Fact]
    public async Task The_example_compiles_and_decodes_a_frame()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"));
        var section = text[text.IndexOf("## Adding a feed", StringComparison.Ordinal)..];
        var start = section.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;

        // The test project has implicit usings; the compilation of the example has not.
        var assembly = GeneratorRun.Load($"using System;\n{section[start..section.IndexOf("\n```", start, StringComparison.Ordinal)]}");
        var type = assembly.GetType("KisFeed.Feeds.RiceTrade").ShouldNotBeNull();
        var schema = GeneratorRun.SchemaOf(type, "Feed");

        schema.Layouts.Select(l => l.Width).ShouldBe([9, 11]);
        schema.Columns.Select(c => c.JsonName).ShouldBe(
            ["code", "time", "price", "sign", "askPrice1", "askPrice2", "bidPrice1", "bidPrice2", "accumulatedVolume", "date", "isHalted"]);
        var round = (string)typeof(WorkedExampleTests).GetMethod(
            nameof(EncodeAgain), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, [schema])!;
        round.ShouldBe(Frame);
    }

    private static string EncodeAgain<T>(FeedSchema schema)
        where T : struct, IFeedRecord<T>
    {
        DataFrame.TryParse(Encoding.UTF8.GetBytes(Frame), out var frame, out _).ShouldBeTrue();
        new RecordReaderBuffer().TryRead(schema, frame, out var reader, out _).ShouldBeTrue();
        var records = new List<T>();
        while (reader.MoveNext())
        {
            T.TryDecode(reader.Current, new StringPool(), DateTimeOffset.UnixEpoch, out var record, out var error)
                .ShouldBeTrue(error.ToString());
            records.Add(record);
        }

        var output = new ArrayBufferWriter<byte>();
        foreach (var record in records)
        {
            output.Write(output.WrittenCount == 0 ? "0|H0RICNT0|002|"u8 : "^"u8);
            T.Encode(record, output);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
