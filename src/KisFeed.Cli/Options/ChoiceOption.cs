namespace KisFeed.Cli.Options;

/// <summary>An option whose values are the names of an enumeration, in lower case unless other names are given.</summary>
internal sealed class ChoiceOption<TEnum> : Option<string>
    where TEnum : struct, Enum
{
    private readonly Dictionary<string, TEnum> _values;

    public ChoiceOption(string name, string description, TEnum? preset, Func<TEnum, string>? nameOf = null)
        : base(name)
    {
        nameOf ??= value => value.ToString().ToLowerInvariant();
        _values = Enum.GetValues<TEnum>().ToDictionary(nameOf, StringComparer.Ordinal);
        Description = description;
        HelpName = string.Join('|', _values.Keys);
        DefaultValueFactory = preset is { } value ? _ => nameOf(value) : null;
        this.AcceptOnlyFromAmong([.. _values.Keys]);
    }

    /// <summary>Returns the value, or the default if the option is not given.</summary>
    public TEnum Read(ParseResult arguments) => _values[arguments.GetRequiredValue(this)];
}
