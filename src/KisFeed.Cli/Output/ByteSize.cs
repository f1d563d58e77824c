namespace KisFeed.Cli.Output;

/// <summary>Sizes as users write them: a number and a unit, which is a power of 1024.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] s_units = [("K", 1L << 10), ("M", 1L << 20), ("G", 1L << 30), ("", 1)];

    /// <summary>Reads <c>65536</c>, <c>512K</c>, <c>64M</c> or <c>1.5G</c>, optionally with <c>B</c> or <c>iB</c>.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var plain = text.EndsWith("iB", StringComparison.OrdinalIgnoreCase) ? text[..^2]
            : text.EndsWith("B", StringComparison.OrdinalIgnoreCase) ? text[..^1]
            : text;
        var (unit, size) = s_units.First(u => plain.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase));
        if (!double.TryParse(
            plain.AsSpan(0, plain.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number * size > 1L << 50)
        {
            return false;
        }
        bytes = (long)(number * size);
        return bytes > 0;
    }

    /// <summary>Formats a number of bytes, e.g. <c>1.8 MB</c>.</summary>
    public static string Text(long bytes) => bytes switch
    {
        < 1L << 10 => $"{bytes} B",
        < 1L << 20 => $"{bytes / 1024.0:0.0} KB",
        < 1L << 30 => $"{bytes / 1048576.0:0.0} MB",
        _ => $"{bytes / 1073741824.0:0.00} GB",
    };
}
