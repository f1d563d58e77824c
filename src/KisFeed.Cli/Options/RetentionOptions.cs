using KisFeed.Capture;

namespace KisFeed.Cli.Options;

/// <summary>The options for the retention of captures.</summary>
internal sealed class RetentionOptions
{
    private readonly Option<int?> _keepDays = new("--keep-days")
    {
        Description = "Keep the captures of the last N days in Korea, today included; delete older ones. [keep all]",
        HelpName = "N",
    };

    private readonly Option<long?> _maxSize = new("--max-size")
    {
        Description = "Delete the oldest capture files while the folder holds more than this; files being written are never deleted. [no limit]",
        HelpName = "10G",
    };

    public RetentionOptions()
    {
        _keepDays.CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 36_500)
                return days;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid number of days. Use a whole number from 1 to 36500, e.g. --keep-days 30.");
            return null;
        };
        _maxSize.CustomParser = result =>
        {
            if (ByteSize.TryParse(result.Tokens[0].Value, out var size))
                return size;
            result.AddError($"'{result.Tokens[0].Value}' is not a valid size. Use a number and a unit, e.g. 500M or 10G.");
            return null;
        };
    }

    /// <summary>Adds these options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_keepDays);
        command.Add(_maxSize);
    }

    /// <summary>Adds these options to a command, where they are valid only together with <paramref name="recording"/>.</summary>
    public void AddTo(Command command, Option<string?> recording)
    {
        AddTo(command);
        command.Validators.Add(result =>
        {
            foreach (var option in (Option[])[_keepDays, _maxSize])
            {
                if (result.GetResult(option) is { Implicit: false } && result.GetValue(recording) is null)
                    result.AddError($"{option.Name} needs {recording.Name}.");
            }
        });
    }

    /// <summary>Returns the retention limits.</summary>
    public CaptureRetention Read(ParseResult arguments) => new() { KeepDays = arguments.GetValue(_keepDays), MaxBytes = arguments.GetValue(_maxSize) };
}
