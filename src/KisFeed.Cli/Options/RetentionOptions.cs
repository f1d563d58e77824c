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
    public void AddTo(Command verb)
    {
        verb.Add(_keepDays);
        verb.Add(_maxSize);
    }

    /// <summary>Gives a verb these options, of use only with another.</summary>
    public void AddTo(Command verb, Option<string?> recording)
    {
        AddTo(verb);
        verb.Validators.Add(result =>
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
