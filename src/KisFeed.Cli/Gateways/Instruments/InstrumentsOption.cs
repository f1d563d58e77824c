using KisFeed.Gateway;

namespace KisFeed.Cli.Gateways.Instruments;

/// <summary><c>--instruments</c>: files with instruments, in addition to the built-in ones.</summary>
internal sealed class InstrumentsOption : Option<string[]>
{
    private const int MaxBytes = 64 << 20;

    public InstrumentsOption()
        : base("--instruments")
    {
        Description = "More instruments to find by name, and to name in place of their keys: the broker's master files, such as kospi_code.mst or nasmst.cod, or CSV with kind,code,name,englishName. May be repeated.";
        HelpName = "FILE";
    }

    /// <summary>Returns all known instruments. An entry of a file replaces an earlier one of the same kind and code; if it has no English name, the earlier one is kept.</summary>
    /// <exception cref="CommandException">A file cannot be read; the message names the line if the content is wrong.</exception>
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
            ".MST" or ".COD" => throw new CommandException($"--instruments: {path} is not named {string.Join(", ", MasterFile.Names)}, which determines its layout: restore its original name, or convert it to CSV"),
            ".ZIP" => throw new CommandException($"--instruments: {path} is packed: unpack it, and use the file inside"),
            _ => InstrumentCsv.Read(path, content),
        };
    }

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes
                ? await File.ReadAllBytesAsync(path, cancellationToken)
                : throw new CommandException($"--instruments: {path} is longer than {MaxBytes} bytes: it cannot be a list of instruments");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--instruments: {path} cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>Splits the content of a file into lines.</summary>
internal static class FileLines
{
    /// <summary>Returns the lines without their line breaks.</summary>
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
