using System.Text.Json;

namespace KisFeed.Cli.Output;

/// <summary>Members of JSON objects that several commands write.</summary>
internal static class JsonMember
{
    /// <summary>Writes an array of objects.</summary>
    public static void WriteObjects<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> members)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            members(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes an array of strings, or <see langword="null"/>.</summary>
    public static void WriteStrings(this Utf8JsonWriter json, string name, IEnumerable<string>? values)
    {
        if (values is null)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    /// <summary>Writes a time in UTC, or <see langword="null"/>.</summary>
    public static void WriteUtc(this Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } moment)
            json.WriteString(name, TimeText.Utc(moment));
        else
            json.WriteNull(name);
    }

    /// <summary>Writes a number, or <see langword="null"/>.</summary>
    public static void WriteNumberOrNull(this Utf8JsonWriter json, string name, decimal? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    /// <summary>Writes a problem and when it began, if there is one.</summary>
    public static void WriteProblem(this Utf8JsonWriter json, string? problem, DateTimeOffset? since)
    {
        if (problem is not null)
            json.WriteString("problem", problem);
        if (since is { } at)
            json.WriteString("problemSince", TimeText.Utc(at));
    }
}
