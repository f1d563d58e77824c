using KisFeed.Gateway.Instruments;
using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>
/// Files with instruments: the broker's master files (종목 마스터파일), or CSV with the columns kind, code, name and optionally englishName.
/// </summary>
public static class InstrumentFile
{
    private const int MaxBytes = 64 << 20;

    /// <summary>Reads the instruments of a file, or of the master files in a folder. Those that no feed has are left out.</summary>
    /// <param name="path">
    /// The file, or a folder with at least one master file. The layout of a master file is found by its name, <c>kospi_code.mst</c> or, as
    /// published, <c>kospi_code.mst.zip</c>. Other files of a folder are ignored; of an instrument in several of its files, such as those
    /// of KRX and NXT, the first is returned.
    /// </param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="KisFeedConfigurationException">A file cannot be read; the message names the file and, if its content is wrong,
    /// the line.</exception>
    public static async Task<IReadOnlyList<Instrument>> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (Directory.Exists(path))
            return await Task.Run(() => ReadFolder(path, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (MasterSource.Of(path) is { } source)
            return await Task.Run(() => ReadMaster(source), cancellationToken).ConfigureAwait(false);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new KisFeedConfigurationException($"{path} is longer than {MaxBytes} bytes: it cannot be a list of instruments");
            return [.. InstrumentCsv.Read(path, await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static List<Instrument> ReadMaster(MasterSource source)
    {
        var master = MasterFile.Find(source) ?? throw new KisFeedConfigurationException(
            $"{source.Path} is not named {string.Join(", ", MasterFile.Names)}, which determines its layout: "
            + "restore its original name, or convert it to CSV");
        var instruments = master.Read(source).Instruments;
        return instruments.Count > 0
            ? instruments
            : throw new KisFeedConfigurationException($"{source.Path}: no feed has an instrument of this file. Leave the file out");
    }

    private static List<Instrument> ReadFolder(string path, CancellationToken cancellationToken)
    {
        var instruments = new OrderedDictionary<(InstrumentKind, string), Instrument>();
        foreach (var (master, source) in MasterFile.FindAll(path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var instrument in master.Read(source).Instruments)
                instruments.TryAdd((instrument.Kind, instrument.Code), instrument);
        }

        return [.. instruments.Values];
    }
}
