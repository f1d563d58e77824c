using System.CommandLine;
using System.Globalization;
using KisFeed.Capture;

namespace KisFeed.Cli.Options;

/// <summary>The options that bound how much of a capture folder is kept.</summary>
internal sealed class RetentionOptions
{
    private readonly Option<int?> _keepDays = new("--keep-days")
    {
        Description = "Delete captures of days before the last N days in Korea, today included. Default: keep all.",
        HelpName = "N",
    };

    private readonly Option<long?> _maxSize = new("--max-size")
    {
        Description = "Delete the oldest capture files while all in the folder take more than this, never one that is being written. Default: no limit.",
        HelpName = "10G",
    };

    public RetentionOptions()
    {
        _keepDays.CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 36_500)
                return days;
            result.AddError($"'{result.Tokens[0].Value}' is not a number of days. Use a whole number from 1 to 36500, e.g. --keep-days 30.");
            return null;
        };
        _maxSize.CustomParser = result =>
        {
            if (ByteSize.TryParse(result.Tokens[0].Value, out var size))
                return size;
            result.AddError($"'{result.Tokens[0].Value}' is not a size. Use a number and a unit, e.g. 500M or 10G.");
            return null;
        };
    }

    /// <summary>Gives a verb these options.</summary>
    public void AddTo(Command command)
    {
        command.Add(_keepDays);
        command.Add(_maxSize);
    }

    /// <summary>Gives a verb these options, of use only with another.</summary>
    public void AddTo(Command command, Option<string?> recording)
    {
        AddTo(command);
        command.Validators.Add(result =>
        {
            foreach (var option in (Option[])[_keepDays, _maxSize])
            {
                if (result.GetResult(option) is { Implicit: false } && result.GetValue(recording) is null)
                    result.AddError($"{option.Name} is for {recording.Name}.");
            }
        });
    }

    /// <summary>What is kept.</summary>
    public CaptureRetention Read(ParseResult arguments) => new() { KeepDays = arguments.GetValue(_keepDays), MaxBytes = arguments.GetValue(_maxSize) };
}

/// <summary>Numbers of bytes as users write them: a number and a unit, which counts in 1024s.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, long Bytes)[] s_units = [("K", 1L << 10), ("M", 1L << 20), ("G", 1L << 30), ("", 1)];

    /// <summary>Reads <c>65536</c>, <c>512K</c>, <c>64M</c> or <c>1.5G</c>, with <c>B</c> or <c>iB</c> behind it or not.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var plain = text.EndsWith("iB", StringComparison.OrdinalIgnoreCase) ? text[..^2] : text.EndsWith("B", StringComparison.OrdinalIgnoreCase) ? text[..^1] : text;
        var (unit, size) = s_units.First(u => plain.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase));
        if (!double.TryParse(plain.AsSpan(0, plain.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number * size > 1L << 50)
            return false;
        bytes = (long)(number * size);
        return bytes > 0;
    }

    /// <summary>A number of bytes as people read it, e.g. <c>1.8 MB</c>.</summary>
    public static string Text(long bytes) => bytes switch
    {
        < 1L << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.0} KB"),
        < 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1073741824.0:0.00} GB"),
    };
}
