using System.Globalization;

namespace KisFeed.Hosting.Configuration;

/// <summary>What environment variables say.</summary>
internal static class VariableSource
{
    /// <summary>The most app keys that variables can name: variables are looked up one by one, so that none is passed over for a hole in the numbers.</summary>
    private const int MostAppKeys = 99;

    private static readonly (string Option, string Variable)[] s_variables =
    [
        (OptionTable.Environment, KisFeedVariables.Environment),
        (OptionTable.HtsId, KisFeedVariables.HtsId),
        (OptionTable.WebSocketUrl, KisFeedVariables.Url),
        (OptionTable.RestUrl, KisFeedVariables.Rest),
        (nameof(KisFeedOptions.ApprovalKeys), KisFeedVariables.ApprovalKeys),
    ];

    public static SourceContent Read(Func<string, string?> variable)
    {
        var content = new SourceContent { AppKeyMissing = $"{KisFeedVariables.AppKey} and {KisFeedVariables.AppSecret} are not set" };
        foreach (var (option, name) in s_variables)
            content.Add(option, variable(name), name);

        content.AddAppKey(Value(KisFeedVariables.AppKey), Value(KisFeedVariables.AppSecret));
        var hasFirst = content.HasAppKeys;
        for (var i = 2; i <= MostAppKeys; i++)
        {
            var number = "_" + i.ToString(CultureInfo.InvariantCulture);
            content.AddAppKey(Value(KisFeedVariables.AppKey + number), Value(KisFeedVariables.AppSecret + number), variable(KisFeedVariables.HtsId + number));
        }

        if (!hasFirst && content.AppKeys is [var (_, further), ..])
            content.Refuse($"{KisFeedVariables.AppKey} and {KisFeedVariables.AppSecret} are not set, but {further} is: all app keys are taken from one source, the first of them there as well.");
        return content;

        SourceValue Value(string name) => new(variable(name) ?? "", name);
    }
}
