using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KisFeed.Tests.Wire.Lanes;

/// <summary>Every vector width finds the same separators as a simple search. Widths that the machine lacks are not tested.</summary>
public sealed class SeparatorsTests
{
    private const int Longest = 300;
    private const int Untouched = -1;

    private delegate int Finder(ReadOnlySpan<byte> text, int from, int count, Span<int> starts);

    [Fact]
    public void All_vector_widths_find_the_same_separators()
    {
        var seed = TestRun.Seed;
        var random = new Random(seed);
        for (var length = 0; length < Longest; length++)
        {
            // Few, many, and only separators; a vector then contains more than the requested number.
            foreach (var interval in (int[])[1, 4, 40])
            {
                var text = new byte[length];
                for (var i = 0; i < length; i++)
                    text[i] = random.Next(interval) == 0 ? (byte)'^' : (byte)random.Next(256);
                var from = random.Next(length + 1);
                var all = Expected(text, from);
                foreach (var count in (int[])[1, all.Count, random.Next(1, all.Count + 1)])
                    Check(text, from, count, all, $"seed {seed}: from {from}, {count} of {Encoding.Latin1.GetString(text)}");
            }
        }
    }

    private static void Check(byte[] text, int from, int count, List<int> all, string context)
    {
        var expected = all.Take(count);
        Run(Separators.FindByWord).ShouldBe(expected, context);
        if (text.Length >= SeparatorMask.Width)
            Run(SeparatorMask.Find).ShouldBe(expected, context);
        if (Avx512Vbmi2.IsSupported && text.Length >= Vector512<byte>.Count)
            Run(Separators512.Find).ShouldBe(expected, context);

        var starts = CreateBuffer(count);
        Separators.Find(text, from, count, starts.AsSpan(0, count + 1 + Separators.Slack));
        starts[0].ShouldBe(from, context);
        starts[1..(count + 1)].ShouldBe(expected, context);
        starts[(count + 1)..(count + 1 + Separators.Slack)].ShouldAllBe(start => start == starts[count], context);
        starts[(count + 1 + Separators.Slack)..].ShouldAllBe(start => start == Untouched, context);

        IEnumerable<int> Run(Finder find)
        {
            var buffer = CreateBuffer(count);
            var found = find(text, from, count, buffer.AsSpan(0, count + 1 + Separators.Slack));

            // The end of the text is not a separator; the caller handles it.
            if (found < count)
                buffer[++found] = text.Length + 1;
            found.ShouldBe(count, context);
            buffer[(count + 1 + Separators.Slack)..].ShouldAllBe(start => start == Untouched, context);
            return buffer[1..(count + 1)];
        }
    }

    private static int[] CreateBuffer(int count) => Enumerable.Repeat(Untouched, count + 1 + Separators.Slack + Separators.Slack).ToArray();

    private static List<int> Expected(byte[] text, int from)
    {
        List<int> starts = [];
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == (byte)'^')
                starts.Add(i + 1);
        }

        return [.. starts, text.Length + 1];
    }
}
