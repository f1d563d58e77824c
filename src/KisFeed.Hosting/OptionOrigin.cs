namespace KisFeed.Hosting;

/// <summary>Where an option's value came from. Holds no secret.</summary>
/// <param name="Option">The option as sections name it, e.g. <c>Reconnect:MaxDelay</c>.</param>
/// <param name="Source">Who says so: <c>code</c>, a key of the section, a variable, a file and its key; or <c>default</c>.</param>
/// <param name="Value">The value; <see langword="null"/> where it is secret or there is none.</param>
public sealed record OptionOrigin(string Option, string Source, string? Value)
{
    /// <summary>On one line, e.g. <c>AppKey: ~/KIS/config/kis_devlp.yaml my_app</c>.</summary>
    public override string ToString() => Value is null ? $"{Option}: {Source}" : $"{Option}: {Value} ({Source})";
}
