using System.IO.Compression;
using System.IO.Pipes;
using KisFeed.Capture.Files;

namespace KisFeed.Capture.Tests;

/// <summary>Files that are damaged, truncated, empty, malicious or not captures.</summary>
public sealed class HostileFileTests : IDisposable
{
    private readonly CaptureFolder _folder = new();

    [Fact]
    public async Task Changing_any_byte_never_invents_frames_and_the_damage_is_reported()
    {
        byte[][] written = [.. Enumerable.Range(0, 200).Select(i => Ticks.Index(i))];
        using (var writer = _folder.Write())
        {
            for (var i = 0; i < written.Length; i++)
            {
                writer.Write("H0UPCNT0", written[i], Ticks.At(i));
                if (i % 20 == 19)
                    writer.Flush();
            }

            writer.Close();
        }

        var path = _folder.Files.Single();
        var original = CaptureFolder.Content(path);
        var seed = TestRun.Seed;
        var random = new Random(seed);
        for (var round = 0; round < TestRun.Of(1_000); round++)
        {
            var content = original.ToArray();
            var at = random.Next(content.Length);
            var context = $"byte {at} changed, seed {seed}, round {round}";
            content[at] ^= (byte)random.Next(1, 256);
            _folder.Put(path, content);

            var (frames, problems) = await ReadAsync(path);

            // A byte of a header that is not read, such as the time, changes nothing.
            if (problems.Count == 0)
                (frames.Count == written.Length && IsSubsequence(frames, written)).ShouldBeTrue(context);
            else
                IsSubsequence(frames, written).ShouldBeTrue(context);
            (frames.Count >= 180 || at < 20).ShouldBeTrue($"{context}: {frames.Count} frames, {string.Join("; ", problems)}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(500)]
    public async Task A_truncated_gzip_file_of_another_program_is_reported(int cut)
    {
        var lines = string.Concat(Enumerable.Range(0, 5_000)
            .Select(i => $"2026-11-20T00:00:{i / 1000:00}.{i % 1000:000}0000Z {Encoding.UTF8.GetString(Ticks.Index(i))}\n"));
        var content = Gzip(lines);
        var path = _folder.Put("other.gz", content[..^cut]);

        var (frames, problems) = await ReadAsync(path);

        if (cut == 0)
        {
            frames.Count.ShouldBe(5_000);
            problems.ShouldBeEmpty();
        }
        else
        {
            problems.Single().Kind.ShouldBe(CaptureProblemKind.Corrupt);
            IsSubsequence(frames, [.. Enumerable.Range(0, 5_000).Select(i => Ticks.Index(i))]).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Truncating_a_gzip_file_of_another_program_never_invents_lines()
    {
        // Content that is compressed in several ways, truncated at all kinds of positions.
        var seed = TestRun.Seed;
        var random = new Random(seed);
        byte[][] written = [.. Enumerable.Range(0, 3_000).Select(i => Ticks.Index(random.Next()))];
        var content = Gzip(string.Concat(
            written.Select((frame, i) => $"2026-11-20T00:00:{i / 1000:00}.{i % 1000:000}0000Z {Encoding.UTF8.GetString(frame)}\n")));
        for (var round = 0; round < TestRun.Of(500); round++)
        {
            var length = round < 20 ? content.Length - 1 - round : random.Next(20, content.Length);
            var (frames, problems) = await ReadAsync(_folder.Put("cut.gz", content[..length]));

            var context = $"the first {length} bytes, seed {seed}";
            frames.Zip(written).ShouldAllBe(pair => pair.First.SequenceEqual(pair.Second), context);

            // The last bytes are the checksum, the length and the end of the last block: if only those are missing, every line is present.
            frames.Count.ShouldBeLessThanOrEqualTo(length < content.Length - 16 ? written.Length - 1 : written.Length, context);
            problems.Single().Kind.ShouldBe(CaptureProblemKind.Corrupt, context);
        }
    }

    [Fact]
    public async Task Data_after_the_end_of_a_gzip_file_are_reported()
    {
        var path = _folder.Put(
            "more.gz", [.. Gzip($"2026-11-20T00:00:00.0000000Z {Encoding.UTF8.GetString(Ticks.Index(1))}\n"), .. "and something else"u8]);

        var (frames, problems) = await ReadAsync(path);

        frames.ShouldBe([Ticks.Index(1)]);
        problems.Single().Kind.ShouldBe(CaptureProblemKind.Corrupt);
    }

    [Fact]
    public async Task A_gzip_file_of_several_members_is_read_completely()
    {
        var path = _folder.Put(
            "other.log.gz",
            [
                .. Gzip($"2026-11-20T00:00:00.0000000Z {Encoding.UTF8.GetString(Ticks.Index(1))}\n"),
                .. Gzip($"2026-11-20T00:00:01.0000000Z {Encoding.UTF8.GetString(Ticks.Index(2))}\n"),
            ]);

        var (frames, problems) = await ReadAsync(path);

        frames.ShouldBe([Ticks.Index(1), Ticks.Index(2)]);
        problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_block_with_a_wrong_length_is_damaged()
    {
        var member = CompressionBomb.OfBlanks(10 << 20);
        var block = new byte[member.Length + 8];
        member.AsSpan(10).CopyTo(block.AsSpan(18));
        BlockHeader.Write(block, block.Length);
        BitConverter.TryWriteBytes(block.AsSpan(block.Length - 4), 100);
        var path = _folder.Put("bomb.log.gz", [.. block, .. BlockHeader.EndMarker]);

        var (frames, problems) = await ReadAsync(path);

        frames.ShouldBeEmpty();
        problems.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reading_a_named_pipe_does_not_block(bool isNamed)
    {
        if (OperatingSystem.IsWindows())
            return;
        var pipe = Path.Combine(_folder.Path, "pipe.log");
        await ProcessRunner.RunAsync("mkfifo", [pipe], Patience.Limit);

        var (frames, problems) = await ReadAsync(isNamed ? pipe : _folder.Path);

        frames.ShouldBeEmpty();
        problems.Single().Message.ShouldBe($"{pipe} is empty");
    }

    [Fact]
    public void A_pipe_is_rejected_with_an_error_that_says_what_to_do()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var path = $"/dev/fd/{pipe.SafePipeHandle.DangerousGetHandle()}";

        Should.Throw<CaptureException>(() => CaptureReader.Open(path)).Message
            .ShouldBe($"{path} is a pipe, but captures are read more than once: write it to a file first");
    }

    [Fact]
    public void Recovery_rejects_a_line_without_an_end()
    {
        var path = Path.Combine("2026-11-20", "H0UPCNT0-090000.log.gz");
        using (var writer = _folder.Write())
        {
            writer.Write("H0UPCNT0", Ticks.Index(1), Ticks.Opening);
            writer.Flush();
        }

        // Valid blocks, so that only the length of the line is wrong.
        using var packer = new BlockPacker(CompressionLevel.Fastest);
        var blanks = packer.Pack(Enumerable.Repeat((byte)' ', 60_000).ToArray()).ToArray();
        _folder.Put(path, [.. CaptureFolder.Content(_folder.Files.Single()), .. Enumerable.Repeat(blanks, 100).SelectMany(block => block)]);

        using var next = _folder.Write();

        next.Recovered.Single().IsDamaged.ShouldBeTrue();
    }

    [Fact]
    public void A_frame_too_long_for_readers_is_rejected()
    {
        using var writer = _folder.Write();
        var frame = new byte[CaptureWriter.MaxFrameLength + 1];

        Should.Throw<ArgumentException>(() => writer.Write("H0UPCNT0", frame, Ticks.Opening)).ParamName.ShouldBe("frame");
    }

    [Fact]
    public async Task The_longest_frame_is_read_in_either_encoding()
    {
        // Only line breaks require the other encoding.
        byte[][] longest =
        [
            Enumerable.Repeat((byte)'1', CaptureWriter.MaxFrameLength).ToArray(),
            Enumerable.Repeat((byte)'\n', CaptureWriter.MaxFrameLength).ToArray(),
        ];
        using (var writer = _folder.Write())
        {
            foreach (var frame in longest)
                writer.Write("H0UPCNT0", frame, Ticks.Opening);
            writer.Close();
        }

        var (frames, problems) = await ReadAsync(_folder.Path);

        problems.ShouldBeEmpty();
        frames.Select(frame => frame.SequenceEqual(longest[frames.IndexOf(frame)])).ShouldBe([true, true]);
    }

    [Fact]
    public async Task A_file_that_is_not_a_capture_is_reported()
    {
        var noise = new byte[300_000];
        new Random(1).NextBytes(noise);
        var prose = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("The quick brown fox.\n", 10_000)));

        (await ReadAsync(_folder.Put("prose.log", prose))).Problems[^1].Kind.ShouldBe(CaptureProblemKind.NotACapture);
        (await ReadAsync(_folder.Put("noise.log", noise))).Problems[^1].Kind.ShouldBe(CaptureProblemKind.NotACapture);
        (await ReadAsync(_folder.Put("prose.log.gz", Gzip(Encoding.UTF8.GetString(prose))))).Problems[^1].Kind
            .ShouldBe(CaptureProblemKind.NotACapture);
        (await ReadAsync(_folder.Put("empty.log.gz", []))).Problems.Single().Kind.ShouldBe(CaptureProblemKind.NotACapture);
        (await ReadAsync(_folder.Put("head.log.gz", [0x1f, 0x8b]))).Problems.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Malformed_lines_are_reported_with_their_numbers_and_skipped()
    {
        var path = _folder.Put("mixed.log", Encoding.UTF8.GetBytes(
            $$"""
            2026-11-20T00:00:00.0000000Z {{Encoding.UTF8.GetString(Ticks.Index(1))}}
            2026-11-20T00:00:00Z {{Encoding.UTF8.GetString(Ticks.Index(2))}}
            # {"at":"2026-11-20T00:00:01.0000000Z","event":"gap","feed":
            # {"at":"yesterday","event":"gap"}
            # {"at":"2026-11-20T00:00:01.0000000Z","event":"unheard-of","feed":"H0UPCNT0"}
            2026-11-20T00:00:02.0000000Z 
            2026-11-20T00:00:03.0000000Z {{Encoding.UTF8.GetString(Ticks.Index(3))}}
            2026-11-20T00:00:04.0000000Z {{Encoding.UTF8.GetString(Ticks.Index(4))}}
            """));

        var (frames, problems) = await ReadAsync(path);

        frames.ShouldBe([Ticks.Index(1), Ticks.Index(3)]);
        problems.Select(problem => (problem.Kind, problem.Line)).ShouldBe(
        [
            (CaptureProblemKind.MalformedLine, 2),
            (CaptureProblemKind.MalformedLine, 3),
            (CaptureProblemKind.MalformedLine, 4),
            (CaptureProblemKind.MalformedLine, 6),
            (CaptureProblemKind.TornTail, 8),
        ]);
    }

    [Fact]
    public void A_missing_path_is_an_error()
    {
        Should.Throw<CaptureException>(() => CaptureReader.Open(Path.Combine(_folder.Path, "none"))).Message
            .ShouldContain("neither a file nor a folder");
        Should.Throw<CaptureException>(() => CaptureReader.Open(_folder.Path)).Message.ShouldContain("no capture in");
    }

    [Fact]
    public async Task A_file_deleted_while_it_is_read_is_reported()
    {
        var reader = CaptureReader.Open(_folder.Put("a.log", "2026-11-20T00:00:00.0000000Z x\n"u8.ToArray()));
        File.Delete(reader.Files[0].Path);

        List<CaptureProblemKind?> problems = [];
        await foreach (var item in reader.ReadItemsAsync())
            problems.Add(item.Problem?.Kind);

        problems.ShouldBe([CaptureProblemKind.Unreadable]);
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Gzip(string text)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return output.ToArray();
    }

    private static bool IsSubsequence(List<byte[]> actual, byte[][] all)
    {
        var next = 0;
        foreach (var frame in actual)
        {
            while (next < all.Length && !all[next].AsSpan().SequenceEqual(frame))
                next++;
            if (next++ >= all.Length)
                return false;
        }

        return true;
    }

    private static async Task<(List<byte[]> Frames, List<CaptureProblem> Problems)> ReadAsync(string path)
    {
        List<byte[]> frames = [];
        List<CaptureProblem> problems = [];
        await foreach (var item in CaptureReader.Open(path).ReadItemsAsync())
        {
            if (item.IsFrame)
                frames.Add(item.Frame.Bytes.ToArray());
            if (item.Problem is { } problem)
                problems.Add(problem);
        }

        return (frames, problems);
    }
}
