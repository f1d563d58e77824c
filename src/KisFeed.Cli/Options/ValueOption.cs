namespace KisFeed.Cli.Options;

/// <summary>An option with a value, with the form of the value and the description that the help shows.</summary>
internal class ValueOption<T> : Option<T>
{
    public ValueOption(string name, string form, string description)
        : base(name) => (HelpName, Description) = (form, description);
}

/// <summary>An option that is on or off.</summary>
internal class SwitchOption : Option<bool>
{
    public SwitchOption(string name, string description)
        : base(name) => Description = description;
}
