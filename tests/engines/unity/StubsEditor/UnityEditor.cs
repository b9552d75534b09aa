// The signatures of UnityEditor that the inspectors use. What they draw is kept in GUILayout.Drawn.
using System;
using UnityEngine;

namespace UnityEditor
{
    public sealed class CustomEditor : Attribute { public CustomEditor(Type inspectedType) { } }

    public class Editor : UnityEngine.Object
    {
        public UnityEngine.Object target { get; set; }
        public SerializedObject serializedObject { get { return new SerializedObject(target); } }
        public virtual void OnInspectorGUI() { }
        public virtual bool RequiresConstantRepaint() { return false; }
        public bool DrawDefaultInspector() { GUILayout.Drawn.Add("(fields)"); return false; }
    }

    public sealed class SerializedObject
    {
        readonly object _target;
        public SerializedObject(UnityEngine.Object target) { _target = target; }
        public void Update() { }
        public bool ApplyModifiedProperties() { return true; }

        public SerializedProperty FindProperty(string propertyPath)
        {
            if (_target.GetType().GetField(propertyPath) == null) { throw new ArgumentException(propertyPath); }
            return new SerializedProperty(_target, propertyPath);
        }
    }

    public sealed class SerializedProperty
    {
        readonly object _target;
        readonly System.Reflection.FieldInfo _field;

        public SerializedProperty(object target, string name)
        {
            _target = target;
            _field = target.GetType().GetField(name);
        }

        public string stringValue
        {
            get { return (string)_field.GetValue(_target); }
            set { _field.SetValue(_target, value); }
        }
    }

    public enum MessageType { None, Info, Warning, Error }

    public static class EditorGUILayout
    {
        /// What the user picks in the popup of this label.
        public static string PopupLabel = "";
        public static int PopupPick;
        public static void Space() { }
        public static void LabelField(string label) { GUILayout.Drawn.Add(label); }
        public static void LabelField(string label, string label2) { GUILayout.Drawn.Add(label + ": " + label2); }
        public static void HelpBox(string message, MessageType type) { GUILayout.Drawn.Add(type + ": " + message); }

        public static int Popup(string label, int selectedIndex, string[] displayedOptions)
        {
            GUILayout.Drawn.Add(label + ": " + string.Join("|", displayedOptions));
            return label == PopupLabel ? PopupPick : selectedIndex;
        }

        public static UnityEngine.Object ObjectField(string label, UnityEngine.Object obj, Type objType,
            bool allowSceneObjects)
        {
            GUILayout.Drawn.Add(label);
            return obj;
        }
    }

    public static class EditorGUI
    {
        public sealed class DisabledScope : IDisposable
        {
            public DisabledScope(bool disabled) { }
            public void Dispose() { }
        }
    }

    public static class AssetDatabase
    {
        public static T LoadAssetAtPath<T>(string assetPath) where T : UnityEngine.Object { return null; }
    }

    public static class EditorUtility { public static void SetDirty(UnityEngine.Object target) { } }

    public static class Undo { public static void RecordObject(UnityEngine.Object objectToUndo, string name) { } }
}
