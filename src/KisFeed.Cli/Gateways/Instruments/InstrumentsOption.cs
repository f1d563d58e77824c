using System.CommandLine;
using KisFeed.Cli.Hosting;
using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways.Instruments;

/// <summary><c>--instruments</c>: files that say what things are called, beside what is known anyway.</summary>
internal sealed class InstrumentsOption : Option<string[]>
{
    private const int MaxBytes = 16 << 20;

    public InstrumentsOption()
        : base("--instruments")
    {
        Description = "Names by which keys can be found on the dashboard: CSV with kind,code,name,englishName, or the broker's kospi_code.mst, kosdaq_code.mst or idxcode.mst. May be repeated.";
        HelpName = "FILE";
    }

    /// <summary>What is known by name: an entry of a file takes the place of one of the same kind and code before it, but for an English name that it does not have.</summary>
    /// <exception cref="CommandException">A file cannot be read; the message has the line where that is what is wrong.</exception>
    public async Task<IReadOnlyList<Instrument>> ReadAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var all = new OrderedDictionary<(InstrumentKind, string), Instrument>();
        foreach (var instrument in SimulatedInstruments.All)
            Set(instrument);
        foreach (var path in arguments.GetValue(this) ?? [])
        {
            foreach (var instrument in Parse(path, await ReadFileAsync(path, cancellationToken)))
                Set(instrument);
        }

        return [.. all.Values];

        void Set(Instrument instrument)
        {
            var before = all.GetValueOrDefault((instrument.Kind, instrument.Code));
            all[(instrument.Kind, instrument.Code)] = instrument with { EnglishName = instrument.EnglishName ?? before?.EnglishName };
        }
    }

    private static IEnumerable<Instrument> Parse(string path, byte[] content)
    {
        if (MasterFile.Find(path) is { } master)
            return master.Read(path, content);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".MST" => throw new CommandException($"--instruments: {path} has none of the names {string.Join(", ", MasterFile.Names)}, by which it is known what stands where: give it its own name again, or make a CSV of it"),
            ".ZIP" => throw new CommandException($"--instruments: {path} is packed: unpack it, and name the file that is in it"),
            _ => InstrumentCsv.Read(path, content),
        };
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes
                ? await File.ReadAllBytesAsync(path, cancellationToken)
                : throw new CommandException($"--instruments: {path} is longer than {MaxBytes} bytes: that is no list of instruments");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--instruments: {path} cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>The lines of a file that is in memory.</summary>
internal static class FileLines
{
    /// <summary>Its lines, without what ends them.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(ReadOnlyMemory<byte> content)
    {
        while (!content.IsEmpty)
        {
            var end = content.Span.IndexOf((byte)'\n');
            var line = end < 0 ? content : content[..end];
            yield return line.Span.EndsWith("\r"u8) ? line[..^1] : line;
            content = end < 0 ? default : content[(end + 1)..];
        }
    }
}
