// The signatures of UnityEngine that the package, its inspectors and its samples use, taken from Unity's manual, with next to
// nothing behind them: files compile against it, and inspectors are drawn once with it. It proves nothing about Unity.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string path) { } }

    public sealed class DisallowMultipleComponent : Attribute { }

    public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string text) { } }

    public class Object
    {
        public string name { get; set; }
        public static void Destroy(Object one) { }
        public static T Instantiate<T>(T original, Transform parent) where T : Object { return original; }
        public static implicit operator bool(Object one) { return !ReferenceEquals(one, null); }
    }

    public sealed class GameObject : Object
    {
        public readonly List<Component> All = new List<Component>();
        public GameObject() : this("") { }
        public GameObject(string name) { this.name = name; AddComponent<Transform>(); }
        public string tag { get; set; }
        public Transform transform { get { return (Transform)All[0]; } }
        public void SetActive(bool value) { }
        public T GetComponent<T>() { return (T)(object)All.Find(one => one is T); }
        public T[] GetComponentsInChildren<T>(bool includeInactive = false) { return Children<T>().ToArray(); }

        public T AddComponent<T>() where T : Component, new()
        {
            var one = new T { gameObject = this };
            All.Add(one);
            return one;
        }

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            var one = new GameObject(type.ToString());
            one.AddComponent<MeshRenderer>();
            return one;
        }

        List<T> Children<T>()
        {
            var found = new List<T>();
            foreach (object one in All) { if (one is T) { found.Add((T)one); } }
            foreach (Transform child in transform.Children) { found.AddRange(child.gameObject.Children<T>()); }
            return found;
        }
    }

    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube, Plane, Quad }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform { get { return gameObject.transform; } }
        public T GetComponent<T>() { return gameObject.GetComponent<T>(); }
        public T[] GetComponentsInChildren<T>(bool includeInactive = false)
        {
            return gameObject.GetComponentsInChildren<T>(includeInactive);
        }
    }

    public class Behaviour : Component { public bool enabled { get; set; } }

    public class MonoBehaviour : Behaviour { }

    public class Transform : Component
    {
        public readonly List<Transform> Children = new List<Transform>();
        public Transform parent { get; set; }
        public Vector3 position { get; set; }
        public Vector3 localPosition { get; set; }
        public Vector3 localScale { get; set; }
        public Vector3 forward { get; set; }
        public Vector3 right { get; set; }
        public Vector3 up { get; set; }
        public Quaternion rotation { get; set; }
        public Quaternion localRotation { get; set; }
        public void SetPositionAndRotation(Vector3 position, Quaternion rotation) { }
        public void SetParent(Transform parent, bool worldPositionStays) { this.parent = parent; parent.Children.Add(this); }
    }

    public sealed class Camera : Behaviour { public static Camera main { get { return null; } } }

    public sealed class AudioListener : Behaviour { }

    public sealed class AudioClip : Object
    {
        public int samples { get { return 0; } }
        public int channels { get { return 1; } }
        public int frequency { get { return 16000; } }
        public bool GetData(float[] data, int offsetSamples) { return true; }
        public bool SetData(float[] data, int offsetSamples) { return true; }
        public static AudioClip Create(string name, int lengthSamples, int channels, int frequency, bool stream)
        {
            return new AudioClip { name = name };
        }
    }

    public sealed class AudioSource : Behaviour
    {
        public AudioClip clip { get; set; }
        public bool loop { get; set; }
        public bool isPlaying { get { return false; } }
        public int timeSamples { get; set; }
        public void Play() { }
        public void Stop() { }
    }

    public static class Resources { public static T Load<T>(string path) where T : Object { return null; } }

    public static class Application { public static bool isPlaying { get; set; } }

    public static class Time { public static float deltaTime { get { return 0f; } } }

    public static class Debug { public static void LogError(object message, Object context) { } }

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
        public void LoadRawTextureData(byte[] data) { }
        public void Apply(bool updateMipmaps) { }
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
        public void SetBlendShapeWeight(int index, float value) { }
    }
}
