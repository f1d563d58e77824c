using KisFeed.Gateway.Instruments;

namespace KisFeed.Gateway;

/// <summary>
/// Files with instruments: the broker's master files, or CSV with the columns kind, code, name and optionally englishName.
/// </summary>
public static class InstrumentFile
{
    private const int MaxBytes = 64 << 20;

    /// <summary>Reads the instruments of a file. Those that no feed has are left out.</summary>
    /// <param name="path">The file. The layout of a master file is found by its name, such as <c>kospi_code.mst</c>.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    /// <exception cref="KisFeedConfigurationException">The file cannot be read; the message names the line
    /// if the content is wrong.</exception>
    public static async Task<IReadOnlyList<Instrument>> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new KisFeedConfigurationException($"{path} is longer than {MaxBytes} bytes: it cannot be a list of instruments");
            return [.. Parse(path, await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KisFeedConfigurationException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static IEnumerable<Instrument> Parse(string path, byte[] content)
    {
        if (MasterFile.Find(path) is { } master)
            return master.Read(path, content);
        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".MST" or ".COD" => throw new KisFeedConfigurationException(
                $"{path} is not named {string.Join(", ", MasterFile.Names)}, which determines its layout: "
                + "restore its original name, or convert it to CSV"),
            ".ZIP" => throw new KisFeedConfigurationException($"{path} is packed: unpack it, and use the file inside"),
            _ => InstrumentCsv.Read(path, content),
        };
    }
}
