using System.Globalization;

namespace KisFeed.Hosting;

/// <summary>Reads the environment variables.</summary>
internal static class VariableSource
{
    /// <summary>
    /// The maximum number of app keys in variables. All numbers are looked up, so that a missing number does not hide the following ones.
    /// </summary>
    private const int MaxAppKeys = 99;

    private static readonly (string Option, string Variable)[] s_variables =
    [
        (OptionTable.Environment, KisFeedVariables.Environment),
        (OptionTable.WebSocketUrl, KisFeedVariables.Url),
        (OptionTable.RestUrl, KisFeedVariables.Rest),
        (nameof(KisFeedOptions.ApprovalKeys), KisFeedVariables.ApprovalKeys),
    ];

    public static SourceContent Read(Func<string, string?> variable)
    {
        var content = new SourceContent { AppKeyMissing = $"{KisFeedVariables.AppKey} and {KisFeedVariables.AppSecret} are not set" };
        foreach (var (option, name) in s_variables)
            content.Add(option, variable(name), name);
        var htsId = Secret(KisFeedVariables.HtsId);
        content.Add(OptionTable.HtsId, htsId.Text, htsId.Where);

        content.AddAppKey(Secret(KisFeedVariables.AppKey), Secret(KisFeedVariables.AppSecret));
        var hasFirst = content.HasAppKeys;
        for (var i = 2; i <= MaxAppKeys; i++)
        {
            var number = "_" + i.ToString(CultureInfo.InvariantCulture);
            content.AddAppKey(
                Secret(KisFeedVariables.AppKey + number),
                Secret(KisFeedVariables.AppSecret + number),
                Secret(KisFeedVariables.HtsId + number).Text);
        }

        if (!hasFirst && content.AppKeys is [var (_, further), ..])
        {
            content.ReportAppKeyProblem($"{KisFeedVariables.AppKey} and {KisFeedVariables.AppSecret} are not set, but {further} is: "
                + "all app keys must come from one source, including the first.");
        }
        return content;

        SourceValue Secret(string name)
        {
            var secret = SecretVariable.Read(variable, name);
            if (secret.Warning is { } warning)
                content.Warnings.Add(warning);
            return new SourceValue(secret.Value ?? "", secret.Source);
        }
    }
}
