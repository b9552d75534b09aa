// The signatures of UnityEngine that the package, its inspectors and its samples use, taken from Unity's manual, with as
// much behind them as it takes to draw an inspector and to play a sample. It proves nothing about Unity.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string path) { } }

    public sealed class DisallowMultipleComponent : Attribute { }

    public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string text) { } }

    public sealed class Camera : Behaviour { public static Camera main { get { return null; } } }

    public sealed class AudioListener : Behaviour { }

    public static class Application { public static bool isPlaying { get; set; } }

    public static class Time { public static float deltaTime { get { return 0.016f; } } }

    public static class Debug
    {
        public static void LogError(object message, Object context) { throw new InvalidOperationException((string)message); }
        public static void LogWarning(object message, Object context) { throw new InvalidOperationException((string)message); }
    }

    public enum EventType { MouseUp = 1, Repaint = 7, Layout = 8 }

    public sealed class Event
    {
        public static readonly Event current = new Event();
        public EventType type { get { return EventType.Layout; } }
    }

    public static class GUILayout
    {
        /// What was drawn, in order, and the button that is pressed.
        public static readonly List<string> Drawn = new List<string>();
        public static string Pressed = "";
        public static bool Button(string text) { Drawn.Add("[" + text + "]"); return text == Pressed; }
        public static void Label(string text) { Drawn.Add(text); }
    }

    public class Texture : Object
    {
        public int width { get { return 0; } }
        public int height { get { return 0; } }
        public TextureWrapMode wrapMode { get; set; }
    }

    public enum TextureWrapMode { Repeat, Clamp }

    public enum TextureFormat { RGBA32 = 4 }

    public sealed class RenderTexture : Texture { }

    public sealed class Texture2D : Texture
    {
        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain) { }
        /// How many pictures were shown by any texture.
        public static int Applied;
        public void LoadRawTextureData(byte[] data) { }
        public void Apply(bool updateMipmaps) { Applied++; }
    }

    public static class Graphics
    {
        public static void Blit(Texture source, RenderTexture dest, Vector2 scale, Vector2 offset) { }
    }

    public sealed class Shader : Object
    {
        public static Shader Find(string name) { return null; }
        public static int PropertyToID(string name) { return 0; }
    }

    public sealed class Material : Object
    {
        public Material(Shader shader) { }
        public Color color { get; set; }
    }

    public sealed class MaterialPropertyBlock
    {
        public void SetTexture(int nameID, Texture value) { }
        public void SetVector(int nameID, Vector4 value) { }
    }

    public class Renderer : Component
    {
        public Material material { get; set; }
        public Material sharedMaterial { get; set; }
        public Material[] sharedMaterials { get; set; }
        public void GetPropertyBlock(MaterialPropertyBlock properties) { }
        public void SetPropertyBlock(MaterialPropertyBlock properties) { }
    }

    public sealed class MeshRenderer : Renderer { }

    public sealed class SkinnedMeshRenderer : Renderer
    {
        public Mesh sharedMesh { get; set; }
        public readonly float[] Weights = new float[64];
        public void SetBlendShapeWeight(int index, float value) { Weights[index] = value; }
    }
}
