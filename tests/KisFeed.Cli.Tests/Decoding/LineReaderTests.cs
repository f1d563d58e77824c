using FsCheck;
using FsCheck.Fluent;
using KisFeed.Cli.Decoding;

namespace KisFeed.Cli.Tests.Decoding;

public sealed class LineReaderTests
{
    [Fact]
    public void Lines_do_not_depend_on_the_chunks_of_the_stream()
    {
        var texts = Gen.Elements("a", "0|", "\r\n", "\n", "\r", "가", "\n\n").ListOf().Select(string.Concat);
        var property = Prop.ForAll(texts.ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), async (text, chunk) =>
        {
            var read = await ReadAsync(new ChunkedStream(Encoding.UTF8.GetBytes(text), chunk));
            read.ShouldBe(Split(text));
        });
        property.QuickCheckThrowOnFailure();
    }

    [Fact]
    public async Task Long_lines_do_not_depend_on_the_chunks_of_the_stream()
    {
        var longest = new string('x', LineReader.MaxLength);
        var text = Encoding.UTF8.GetBytes($"{longest}\n{longest}\r\n{longest}y\nshort\n{longest}{longest}");
        string[] expected =
        [
            longest, longest, $"too long: {longest[..LineReader.BeginningLength]}", "short",
            $"too long: {longest[..LineReader.BeginningLength]}",
        ];

        foreach (var chunk in (int[])[4_093, 65_536, LineReader.MaxLength, text.Length])
            (await ReadAsync(new ChunkedStream(text, chunk))).ShouldBe(expected);
    }

    private static async Task<List<string>> ReadAsync(Stream stream)
    {
        await using (stream)
        {
            var sink = new Lines();
            await new LineReader(stream).ReadAsync(sink, CancellationToken.None);
            return sink.Read;
        }
    }

    private static IEnumerable<string> Split(string text)
    {
        var lines = text.Split('\n');
        var whole = lines[^1].Length == 0 ? lines[..^1] : lines;
        return whole.Select(line => line.EndsWith('\r') ? line[..^1] : line);
    }

    private sealed class Lines : ILineSink
    {
        private long _number;

        public List<string> Read { get; } = [];

        public void OnLine(ReadOnlySpan<byte> line, long number) => AddLine(Encoding.UTF8.GetString(line), number);

        public void OnLineTooLong(ReadOnlySpan<byte> beginning, long number) =>
            AddLine($"too long: {Encoding.UTF8.GetString(beginning)}", number);

        public ValueTask FlushAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        private void AddLine(string line, long number)
        {
            number.ShouldBe(++_number);
            Read.Add(line);
        }
    }

    private sealed class ChunkedStream(byte[] content, int chunk) : MemoryStream(content, writable: false)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer.Length > chunk ? buffer[..chunk] : buffer, cancellationToken);
    }
}
